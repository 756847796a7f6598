# -*- coding: utf-8 -*-
"""SST-2 phrases with GloVe: known words only, mean per phrase by index_add, small MLP."""
import gzip
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(404)
torch.manual_seed(404)
DATA = os.environ["WORDFIT_DATA"]


def load_glove(path):
    words, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip("\n").split(" ", 1)
            words[w] = len(rows)
            rows.append([float(x) for x in rest.split()])
    return words, torch.tensor(rows)


def load_sst(name):
    with open(os.path.join(DATA, "glue", "SST-2", name), encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            yield text.split(), int(label)


stoi, vectors = load_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))
train_rows = random.sample(list(load_sst("train.tsv")), 14000)
val_rows = list(load_sst("dev.tsv"))
print(f"{len(train_rows)} phrases, {len(val_rows)} dev sentences, {len(stoi)} vectors")


def collate(rows):
    flat, seg, ys = [], [], []
    for i, (words, y) in enumerate(rows):
        ids = [stoi[w] for w in words if w in stoi]
        flat += ids
        seg += [i] * len(ids)
        ys.append(y)
    return {"tokens": torch.tensor(flat), "row": torch.tensor(seg), "n": len(rows)}, torch.tensor(ys)


class PhraseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(vectors, freeze=False, sparse=True)
        self.head = nn.Sequential(nn.Linear(vectors.shape[1], 64), nn.GELU(), nn.Dropout(0.2), nn.Linear(64, 2))

    def forward(self, batch):
        e = self.table(batch["tokens"])
        total = torch.zeros(batch["n"], e.shape[1]).index_add_(0, batch["row"], e)
        # fault:
        n_words = torch.bincount(batch["row"], minlength=batch["n"])
        # mended:
        # n_words = torch.bincount(batch["row"], minlength=batch["n"]).clamp(min=1)
        # end
        return self.head(total / n_words.unsqueeze(1))


train_dl = DataLoader(train_rows, batch_size=64, shuffle=True, collate_fn=collate)
val_dl = DataLoader(val_rows, batch_size=218, collate_fn=collate)
model = PhraseNet()
opt_table = torch.optim.SparseAdam(list(model.table.parameters()), lr=3e-3)
opt_head = torch.optim.AdamW(model.head.parameters(), lr=2e-3)
lossf = nn.CrossEntropyLoss()

for ep in range(1, 4):
    model.train()
    tot = 0
    for x, y in train_dl:
        opt_table.zero_grad()
        opt_head.zero_grad()
        loss = lossf(model(x), y)
        loss.backward()
        opt_table.step()
        opt_head.step()
        tot += loss.item()
    model.eval()
    hit, vl = 0, 0
    with torch.no_grad():
        for x, y in val_dl:
            out = model(x)
            vl += lossf(out, y).item() * len(y)
            hit += (out.argmax(-1) == y).sum().item()
    print(f"[{ep}] train {tot / len(train_dl):.3f}  val {vl / len(val_rows):.3f}  val acc {hit / len(val_rows):.3f}")
