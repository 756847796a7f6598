# Relation of a pair of words (the sections of the Google analogy set) from GloVe vectors.
import gzip
import os
import random
import numpy as np
import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
base = os.environ["WORDFIT_DATA"]

pairs, sections = {}, []
with open(os.path.join(base, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            name = line[1:].strip()
            continue
        if name == "capital-common-countries":
            continue
        a, b, c, d = line.split()
        for p in ((a, b), (c, d)):
            pairs.setdefault(p, name)
sections = sorted(set(pairs.values()))
rows = sorted(pairs.items())
random.shuffle(rows)
print(len(rows), "pairs,", len(sections), "relations")

vec = {}
with gzip.open(os.path.join(base, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        vec[parts[0]] = np.array(parts[1:], dtype=np.float32)
dim = 50


def lookup(word):
    # fault:
    return vec.get(word, np.zeros(dim, dtype=np.float32))
    # mended:
    # return vec.get(word.lower(), np.zeros(dim, dtype=np.float32))
    # end


A = torch.from_numpy(np.stack([lookup(p[0]) for p, _ in rows]))
B = torch.from_numpy(np.stack([lookup(p[1]) for p, _ in rows]))
y = torch.tensor([sections.index(r) for _, r in rows])
n = int(len(rows) * 0.75)


class Relation(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Dropout(0.3), nn.Linear(3 * dim, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, len(sections)))

    def forward(self, a, b):
        return self.net(torch.cat([a, b, b - a], 1))


model = Relation()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.2)
crit = nn.CrossEntropyLoss()
for epoch in range(30):
    model.train()
    total = 0.0
    for i in torch.randperm(n).split(32):
        loss = crit(model(A[i], B[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    if epoch % 5 == 4:
        model.eval()
        with torch.no_grad():
            tr = (model(A[:n], B[:n]).argmax(1) == y[:n]).float().mean().item()
            te = (model(A[n:], B[n:]).argmax(1) == y[n:]).float().mean().item()
        print(f"epoch {epoch + 1} loss {total / n:.3f} train acc {tr:.3f} test acc {te:.3f}")
print("largest relation in test:", (y[n:].bincount().max() / len(y[n:])).item())
