"""Subjectivity of sentences: GloVe fixed, only the classifier learns. 250 training rows."""
import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn

random.seed(221)
torch.manual_seed(221)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
index, rows = {}, [[0.0] * 50]
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        index[w] = len(rows)
        rows.append([float(a) for a in v])
glove = torch.tensor(rows)


def load(name, n):
    out = []
    for line in open(DATA / "sentiment" / "SST-2-sentences" / name, encoding="utf-8"):
        y, text = line.strip().split(" ", 1)
        ids = [index[w] for w in text.split() if w in index]
        if ids:
            out.append((torch.tensor(ids), int(y)))
    random.shuffle(out)
    return out[:n]


class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(glove, padding_idx=0)
        self.hidden = nn.Linear(50, 30)
        self.out = nn.Linear(30, 2)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(self.lookup(x).sum(1) / (x != 0).sum(1, keepdim=True))))


def set_trainable(module, flag):
    for p in module.parameters():
        p.requires_grad = flag


def collate(batch):
    return nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


model = Frozen()
set_trainable(model.lookup, False)
# fault:
set_trainable(model, True)
# mended:
# set_trainable(model.hidden, True)
# set_trainable(model.out, True)
# end
loader = torch.utils.data.DataLoader(load("stsa.binary.train", 250), batch_size=25, shuffle=True, collate_fn=collate)
dev = collate(load("stsa.binary.dev", 800))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(16):
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            out = model(dev[0])
        print(f"epoch {epoch} loss {loss.item():.4f} dev loss {nn.functional.cross_entropy(out, dev[1]):.4f} dev acc {(out.argmax(1) == dev[1]).float().mean():.4f}")
