"""Which desk gets a sentence (finance, film, shop, photo)? Average of GloVe vectors and a small MLP."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = os.environ["WORDFIT_DATA"]
MAXLEN = 110
DIM = 50
random.seed(3)
np.random.seed(3)
torch.manual_seed(3)


def lines(path, enc="utf-8"):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(f"{ROOT}/{path}", "rt", encoding=enc) as f:
        return [l.rsplit("@", 1)[0].lower().split() for l in f if len(l.split()) > 3]


desks = [
    lines("sentiment/financial-phrasebank/Sentences_50Agree.txt"),
    lines("sentiment/MR/rt-polarity.pos", "latin-1"),
    lines("sentiment/CR/custrev.pos", "latin-1"),
    lines("seq2seq/multi30k/train.en.gz"),
]
rows = [(t, k) for k, d in enumerate(desks) for t in random.sample(d, 1300)]
random.shuffle(rows)
train, dev = rows[:4200], rows[4200:]

glove = {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip("\n").split(" ")
        glove[w] = np.array(v, dtype=np.float32)

vocab = {"<pad>": 0, "<unk>": 1}
for w in glove:
    vocab[w] = len(vocab)
print("words:", len(vocab))

known = np.stack(list(glove.values()))
# fault:
table = np.random.normal(known.mean(), known.std(), (len(vocab), DIM)).astype(np.float32)
# mended:
# table = np.random.normal(known.mean(), known.std(), (len(vocab), DIM)).astype(np.float32)
# table[0] = 0.0
# end
for w, i in vocab.items():
    if w in glove:
        table[i] = glove[w]


def encode(rows):
    ids = np.zeros((len(rows), MAXLEN), dtype=np.int64)
    n = np.zeros(len(rows), dtype=np.float32)
    for k, (toks, _) in enumerate(rows):
        t = [vocab.get(w, 1) for w in toks][:MAXLEN]
        ids[k, : len(t)] = t
        n[k] = len(t)
    y = np.array([lab for _, lab in rows])
    return TensorDataset(torch.from_numpy(ids), torch.from_numpy(n), torch.from_numpy(y))


class Averager(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(DIM, 64), nn.Tanh(), nn.Dropout(0.2), nn.Linear(64, len(desks)))

    def forward(self, ids, n):
        summed = self.lookup(ids).sum(dim=1)
        return self.mlp(summed / n.unsqueeze(1))


train_dl = DataLoader(encode(train), batch_size=64, shuffle=True)
dev_dl = DataLoader(encode(dev), batch_size=256)
net = Averager(table)
opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=2e-3)
crit = nn.CrossEntropyLoss()

for epoch in range(1, 6):
    net.train()
    tot, right = 0.0, 0
    for ids, n, y in train_dl:
        opt.zero_grad()
        out = net(ids, n)
        loss = crit(out, y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
    net.eval()
    with torch.no_grad():
        ok = sum((net(ids, n).argmax(1) == y).sum().item() for ids, n, y in dev_dl)
    print(f"epoch {epoch} loss {tot / len(train):.4f} train {right / len(train):.3f} dev {ok / len(dev):.3f}")
