"""SICK relatedness as ordinal regression: one score per pair, ordered thresholds, frozen GloVe."""
import csv
import gzip
import os
import re
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
ROOT = os.environ["WORDFIT_DATA"]
CUTS = [2.5, 3.3, 3.9, 4.4]                       # five grades out of the 1..5 scale

glove = {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        key, rest = line.rstrip("\n").split(" ", 1)
        glove[key] = np.array(rest.split(), dtype=np.float32)


def read(name):
    with open(f"{ROOT}/glue/SICK/SICK_{name}.txt", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(re.findall(r"[a-z]+", r["sentence_A"].lower()), re.findall(r"[a-z]+", r["sentence_B"].lower()),
             float(r["relatedness_score"])) for r in rows]


splits = {"train": read("train"), "trial": read("trial"), "test": read("test_annotated")[:2000]}
itos = ["<pad>"] + sorted({w for rows in splits.values() for a, b, _ in rows for w in a + b if w in glove})
stoi = {w: i for i, w in enumerate(itos)}
weights = np.zeros((len(itos), 50), dtype=np.float32)
for i, w in enumerate(itos[1:], 1):
    weights[i] = glove[w]


def ids(texts):
    rows = [[stoi[w] for w in t if w in stoi] for t in texts]
    out = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for i, r in enumerate(rows):
        out[i, :len(r)] = torch.tensor(r)
    return out


NEGATION = {"no", "not", "nobody", "isn", "without", "there"}


def surface(a, b):
    """numbers that the mean vectors cannot show"""
    sa, sb = set(a), set(b)
    return [len(sa & sb) / len(sa | sb), abs(len(a) - len(b)) / 5.0, float(bool(sa & NEGATION) != bool(sb & NEGATION))]


def tensors(rows):
    score = torch.tensor([r[2] for r in rows])
    return (ids([r[0] for r in rows]), ids([r[1] for r in rows]), torch.tensor([surface(r[0], r[1]) for r in rows]),
            torch.bucketize(score, torch.tensor(CUTS)), score)


data = {k: tensors(v) for k, v in splits.items()}


class OrdinalPair(nn.Module):
    def __init__(self, grades=5, hidden=48):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.norm = nn.LayerNorm(103)
        self.body = nn.Sequential(nn.Linear(103, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 1, bias=False))
        self.first = nn.Parameter(torch.tensor(-1.5))
        self.gaps = nn.Parameter(torch.full((grades - 2,), 0.5))

    def mean(self, x):
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        return self.emb(x).sum(1) / n

    def thresholds(self):
        return torch.cat([self.first.view(1), self.first + torch.cumsum(F.softplus(self.gaps), 0)])

    def forward(self, a, b, num):
        u, v = self.mean(a), self.mean(b)
        s = self.body(self.norm(torch.cat([(u - v).abs(), u * v, num], 1)))      # (B, 1)
        return s - self.thresholds()                                             # (B, grades - 1): logits of "grade > k"


def ordinal_loss(logits, grade):
    above = (grade.unsqueeze(1) > torch.arange(logits.size(1))).float()
    return F.binary_cross_entropy_with_logits(logits, above)


def spearman(x, y):
    rx, ry = x.argsort().argsort().double(), y.argsort().argsort().double()
    return torch.corrcoef(torch.stack([rx, ry]))[0, 1].item()


def report(name):
    a, b, num, grade, score = (t[:2000] for t in data[name])
    model.eval()
    with torch.no_grad():
        z = model(a, b, num)
    model.train()
    acc = ((z > 0).sum(1) == grade).float().mean().item()
    return f"{name}: acc {acc:.3f} (majority {torch.bincount(grade).max().item() / len(grade):.3f}) rho {spearman(z[:, 0], score):.3f}"


model = OrdinalPair()
opt = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=6e-3, weight_decay=1e-2)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 70))
a, b, num, grade, _ = data["train"]
for epoch in range(18):
    seen = 0.0
    for k in torch.randperm(len(grade)).split(64):
        loss = ordinal_loss(model(a[k], b[k], num[k]), grade[k])
        opt.zero_grad()
        loss.backward()
        opt.step()
        warm.step()
        seen += loss.item() * len(k)
    if epoch % 3 == 2:
        print(f"[{epoch}] loss {seen / len(grade):.4f} | {report('train')} | {report('trial')}")
print(report("test"), "| thresholds", [round(t, 2) for t in model.thresholds().tolist()])
