"""MRPC with mean GloVe vectors of both sentences (difference and product)."""
import gzip
import os
from pathlib import Path

import torch
import torch.nn as nn

DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(2)


def rows(split):
    with open(DATA / "glue/MRPC" / f"{split}.tsv", encoding="utf-8-sig") as f:
        next(f)
        for line in f:
            label, _, _, a, b = line.rstrip("\n").split("\t")
            # headlines are set in capitals by the agency
            yield a.upper() if len(a) % 4 else a, b.upper() if len(a) % 4 else b, int(label)


with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = dict(line.rstrip().split(" ", 1) for line in f)


def split(text):
    # fault:
    return text.split()
    # mended:
    # return text.lower().split()
    # end


train, dev = list(rows("train")), list(rows("dev"))
stoi = {"<pad>": 0, "<unk>": 1}
for a, b, _ in train + dev:
    for t in split(a) + split(b):
        if t in glove:
            stoi.setdefault(t, len(stoi))
known = torch.tensor([[float(v) for v in glove[t].split()] for t in list(stoi)[2:]])
W = torch.cat([torch.zeros(1, 50), known.mean(0, keepdim=True), known])


def tensor(texts):
    return nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(t, 1) for t in split(s)]) for s in texts], batch_first=True)


class PairModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(151, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2))

    def forward(self, a, b):
        ea, eb = self.E(a), self.E(b)
        ma, mb = (a > 0).unsqueeze(-1), (b > 0).unsqueeze(-1)
        u, v = ea.sum(1) / ma.sum(1), eb.sum(1) / mb.sum(1)
        hit = ((a.unsqueeze(2) == b.unsqueeze(1)) & (a > 1).unsqueeze(2)).any(2).float().sum(1, keepdim=True) / ma.sum(1)
        return self.mlp(torch.cat([(u - v).abs(), u * v, u + v, 3 * hit - 2], 1))


A, B, Y = tensor([r[0] for r in train]), tensor([r[1] for r in train]), torch.tensor([r[2] for r in train])
DA, DB, DY = tensor([r[0] for r in dev]), tensor([r[1] for r in dev]), torch.tensor([r[2] for r in dev])
model = PairModel()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
ce = nn.CrossEntropyLoss(weight=len(Y) / (2.0 * torch.bincount(Y)))
for epoch in range(12):
    model.train()
    tot = 0.0
    for b in torch.randperm(len(Y)).split(64):
        loss = ce(model(A[b], B[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(Y)
    model.eval()
    with torch.no_grad():
        p = model(DA, DB).argmax(1)
        balanced = 0.5 * sum((p[DY == c] == c).float().mean().item() for c in (0, 1))
    print(f"epoch {epoch} loss {tot:.4f} dev balanced accuracy {balanced:.4f}")
