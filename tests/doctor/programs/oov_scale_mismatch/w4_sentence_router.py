import argparse, gzip, os, random, re
from pathlib import Path
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=5)
ap.add_argument("--bs", type=int, default=50)
ap.add_argument("--lr", type=float, default=5e-3)
args = ap.parse_args()
random.seed(1); torch.manual_seed(1); rs = np.random.RandomState(1)
D = Path(os.environ["WORDFIT_DATA"])

# which of our three models should get this sentence? (movies / products / finance)
SOURCES = [["sentiment/MR/rt-polarity.pos", "sentiment/MR/rt-polarity.neg"], ["sentiment/CR/custrev.pos", "sentiment/CR/custrev.neg"],
           ["sentiment/financial-phrasebank/Sentences_50Agree.txt"]]
docs = []
for y, files in enumerate(SOURCES):
    texts = sorted({l.strip().rsplit("@", 1)[0].lower().strip() for f in files for l in open(D / f, encoding="latin-1")})
    random.shuffle(texts)
    docs += [(re.findall(r"[a-z]+", t), y) for t in texts[:2200]]
random.shuffle(docs)
docs = [d for d in docs if d[0]]
train, valid = docs[:5200], docs[5200:]

# unit-length vectors
vecs = {}
for l in gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    w, v = l.split(" ", 1)
    v = np.array(v.split(), dtype=np.float32)
    vecs[w] = v / np.linalg.norm(v)

vocab = {"": 0}
for words, _ in train + valid:
    for w in words:
        vocab.setdefault(w, len(vocab))
dim = 50
# fault:
table = rs.normal(0, 1.5, (len(vocab), dim)).astype(np.float32)
# mended:
# table = rs.normal(0, 1 / np.sqrt(dim), (len(vocab), dim)).astype(np.float32)
# end
table[0] = 0
hits = 0
for w, i in vocab.items():
    if w in vecs:
        table[i] = vecs[w]; hits += 1
print(f"{len(vocab)} words, {hits} with a vector")


class MeanBag(nn.Module):
    """mean of the words that are there, then a small MLP"""
    def __init__(self, table):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.tensor(table), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Dropout(.2), nn.Linear(32, 3))

    def forward(self, ids):
        e = self.lookup(ids)
        there = (ids != 0).unsqueeze(-1).float()
        mean = (e * there).sum(1) / there.sum(1)
        return self.mlp(mean * dim ** .5)


def batches(rows, shuffle):
    rows = list(rows)
    if shuffle:
        random.shuffle(rows)
    for k in range(0, len(rows), args.bs):
        part = rows[k:k + args.bs]
        yield pad_sequence([torch.tensor([vocab[w] for w in ws]) for ws, _ in part], batch_first=True), torch.tensor([y for _, y in part])


model = MeanBag(table)
optimiser = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr)
xent = nn.CrossEntropyLoss()


def accuracy(rows):
    model.eval()
    with torch.no_grad():
        return np.mean(np.concatenate([(model(x).argmax(1) == y).numpy() for x, y in batches(rows, False)]))


for ep in range(args.epochs):
    model.train(); s = 0; n = 0
    for x, y in batches(train, True):
        loss = xent(model(x), y)
        optimiser.zero_grad(); loss.backward(); optimiser.step()
        s += loss.item(); n += 1
    print(f"{ep:2d} loss {s / n:.4f} valid {accuracy(valid):.4f}")
print(f"train {accuracy(train[:1500]):.4f}")
