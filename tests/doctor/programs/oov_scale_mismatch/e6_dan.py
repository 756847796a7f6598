# Sentence polarity (SST-2, whole sentences) from Google News vectors, deep averaging network ("static" setting).
# The table is kept fixed on purpose: with five thousand sentences tuning only memorises.
import gzip, os
import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
SEED = 17
torch.manual_seed(SEED)
gen = np.random.RandomState(SEED)


def load_word2vec(path, wanted):
    """word2vec text format; the file is cased, the sentences are not, so lower case first and then Title case"""
    exact, title = {}, {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        count, width = map(int, f.readline().split())
        for line in f:
            w, vals = line.split(" ", 1)
            if w in wanted:
                exact[w] = np.array(vals.split(), dtype=np.float32)
            elif w.lower() in wanted and w.istitle():
                title[w.lower()] = np.array(vals.split(), dtype=np.float32)
    return {**title, **exact}, width


def read(split):
    rows = []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as f:
        for line in f:
            y, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.split(), int(y)))
    return rows


train = read("train")[:5200]
train_texts = {" ".join(t) for t, _ in train}
test = [r for r in read("test") + read("dev") if " ".join(r[0]) not in train_texts]

vocab = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for t in toks:
        vocab.setdefault(t, len(vocab))

w2v, dim = load_word2vec(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", vocab)
matrix = np.zeros((len(vocab), dim), dtype=np.float32)
missing = 0
for w, i in vocab.items():
    if w in w2v:
        matrix[i] = w2v[w]
    elif i > 0:
        # fault:
        matrix[i] = gen.normal(0.0, 1.0, dim)
        # mended:
        #matrix[i] = gen.uniform(-0.25, 0.25, dim)
        # end
        missing += 1
print("vocabulary %d, without vector %d" % (len(vocab), missing))


def encode(rows, max_len=40):
    x = np.zeros((len(rows), max_len), dtype=np.int64)
    for i, (toks, _) in enumerate(rows):
        ids = [vocab.get(t, 1) for t in toks][:max_len]
        x[i, :len(ids)] = ids
    return torch.from_numpy(x), torch.tensor([float(y) for _, y in rows])


class DAN(nn.Module):
    def __init__(self, weights, hidden=48):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(weights.shape[1], hidden), nn.ReLU(),
                                 nn.Dropout(0.5), nn.Linear(hidden, 1))

    def forward(self, x):
        m = (x > 0).float().unsqueeze(-1)
        avg = (self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.net(avg).squeeze(-1)


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        z = model(x)
        return ((z > 0).float() == y).float().mean().item(), nn.functional.binary_cross_entropy_with_logits(z, y).item()


Xtr, ytr = encode(train)
Xte, yte = encode(test)
model = DAN(matrix)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(5):
    model.train()
    for idx in torch.randperm(len(Xtr)).split(96):
        opt.zero_grad()
        loss = loss_fn(model(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
    print("epoch %d  train acc %.3f loss %.3f  test acc %.3f loss %.3f" % ((epoch + 1,) + score(model, Xtr, ytr) + score(model, Xte, yte)))
print("majority %.3f" % max(yte.mean().item(), 1 - yte.mean().item()))
