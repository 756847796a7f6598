"""Contradiction or entailment on SNLI: frozen GloVe, soft alignment, attend - compare - aggregate."""
import csv
import gzip
import os
import random
import re
from pathlib import Path

import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))


def read(name, limit):
    with open(data / "glue" / "SNLI" / name, encoding="utf-8") as f:
        rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    words = lambda s: re.findall("[a-z]+", s.lower())
    labels = ["contradiction", "entailment"]
    return [(words(r[1]), words(r[2]), labels.index(r[3])) for r in rows[1:] if words(r[1]) and words(r[2]) and r[3] in labels][:limit], labels


train, labels = read("train_subset8999.tsv", 4000)
dev, _ = read("dev_subset1000.tsv", 600)
glove = {}
with gzip.open(data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
vocab = {w: i + 2 for i, w in enumerate(sorted({w for a, b, _ in train + dev for w in a + b if w in glove}))}
table = torch.zeros(len(vocab) + 2, 50)
table[2:] = torch.tensor([[float(a) for a in glove[w].split()] for w in vocab])
table[1] = table[2:].mean(0)


def ff(i, o):
    return nn.Sequential(nn.Dropout(0.1), nn.Linear(i, o), nn.ReLU())


class Decomposable(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.attend, self.compare, self.aggregate = ff(50, d), ff(100, d), ff(2 * d, d)
        self.out = nn.Linear(d, len(labels))

    def forward(self, a, b):
        ma, mb = a.ne(0), b.ne(0)
        ea, eb = self.emb(a), self.emb(b)
        s = self.attend(ea) @ self.attend(eb).transpose(1, 2)
        beta = s.masked_fill(~mb[:, None], -1e9).softmax(2) @ eb
        alpha = s.masked_fill(~ma[:, :, None], -1e9).softmax(1).transpose(1, 2) @ ea
        va = (self.compare(torch.cat([ea, beta], 2)) * ma[..., None]).sum(1)
        vb = (self.compare(torch.cat([eb, alpha], 2)) * mb[..., None]).sum(1)
        return self.out(self.aggregate(torch.cat([va, vb], 1)))


def tensors(rows):
    pad = lambda ts: nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in t]) for t in ts], batch_first=True)
    a, b, y = zip(*rows)
    return pad(a), pad(b), torch.tensor(y)


model = Decomposable()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
da, db, dy = tensors(dev)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 50):
        a, b, y = tensors(train[i:i + 50])
        loss = nn.functional.cross_entropy(model(a, b), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        p = model(da, db)
    print(f"epoch {epoch} loss {loss.item():.3f} dev loss {nn.functional.cross_entropy(p, dy):.3f} accuracy {(p.argmax(1) == dy).float().mean():.3f}")
