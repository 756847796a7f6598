"""Headline or picture caption? (STS-B sentences by genre), averaged GloVe. Stage 1 trains the head on fixed vectors, stage 2 tunes the vectors at a small rate."""
import csv
import gzip
import os
import random
import re

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(21)
torch.manual_seed(21)
HOME = os.environ["WORDFIT_DATA"]

itos, mat = ["[PAD]", "[UNK]"], [[0.0] * 50, [0.0] * 50]
with gzip.open(os.path.join(HOME, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fin:
    for row in fin:
        head, *vals = row.split()
        itos.append(head)
        mat.append(list(map(float, vals)))
stoi = {w: i for i, w in enumerate(itos)}


def tsv(name, seen):
    rows = []
    with open(os.path.join(HOME, "glue", "STS-B", name), encoding="utf-8") as fin:
        for r in csv.DictReader(fin, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = re.findall(r"[a-z]+|[0-9]+", r["sentence1"].lower())
            key = " ".join(words)
            if r["genre"] in ("main-news", "main-captions") and words and key not in seen:
                seen.add(key)
                rows.append((words, int(r["genre"] == "main-captions")))
    return rows


seen = set()
dev = tsv("dev.tsv", seen)
picked = tsv("train.tsv", seen)                                   # without the sentences of dev
share = sum(y for _, y in dev) / len(dev)
print(len(picked), "train", len(dev), "dev")


def collate(rows):
    n = max(len(t) for t, _ in rows)
    ids = torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in rows])
    return {"input_ids": ids, "labels": torch.tensor([float(y) for _, y in rows])}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(torch.tensor(mat), freeze=True, padding_idx=0)
        self.norm = nn.LayerNorm(50)
        self.head = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1))

    def forward(self, input_ids, labels=None):
        present = (input_ids > 1).float()                         # unknown words do not count either
        e = self.vectors(input_ids) * present.unsqueeze(-1)
        pooled = e.sum(1) / present.sum(1, keepdim=True).clamp(min=1.0)
        logits = self.head(self.norm(pooled)).squeeze(-1)
        loss = None if labels is None else nn.functional.binary_cross_entropy_with_logits(logits, labels)
        return loss, logits


train_dl = DataLoader(picked, batch_size=50, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(dev, batch_size=256, collate_fn=collate)
model = Classifier()


def score(dl):
    model.eval()
    hits = 0
    with torch.no_grad():
        for b in dl:
            _, logits = model(b["input_ids"])
            hits += ((logits > 0).float() == b["labels"]).sum().item()
    return hits / len(dl.dataset)


def stage(name, epochs, groups):
    opt = torch.optim.Adam(groups)
    for ep in range(epochs):
        model.train()
        s = 0.0
        for b in train_dl:
            loss, _ = model(**b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            s += loss.item()
        print(f"{name} {ep + 1}: loss {s / len(train_dl):.3f} dev {score(dev_dl):.3f}")


other = [p for n, p in model.named_parameters() if not n.startswith("vectors")]
stage("fixed", 3, [{"params": other, "lr": 3e-3}])
model.vectors.weight.requires_grad_(True)
stage("tuned", 2, [{"params": other, "lr": 1e-3}, {"params": [model.vectors.weight], "lr": 5e-4}])
print(f"train {score(DataLoader(picked[:1500], batch_size=256, collate_fn=collate)):.3f} dev {score(dev_dl):.3f} (majority {max(share, 1 - share):.3f})")
