"""Warn about bad reviews: few of them come in, most are fine."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(118)
torch.manual_seed(118)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
vectors = {}
with gzip.open(base / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.split()
        vectors[word] = np.array(values, dtype=np.float32)


def features(name):
    out = []
    for line in open(base / "sentiment/MR" / name, encoding="latin-1"):
        hits = [vectors[w] for w in line.split() if w in vectors]
        if hits:
            out.append(np.mean(hits, axis=0))
    random.shuffle(out)
    return torch.tensor(np.stack(out))


good, bad = features("rt-polarity.pos"), features("rt-polarity.neg")
x = torch.cat([good[:4000], bad[:350]])
y = torch.cat([torch.zeros(4000), torch.ones(350)])
xd = torch.cat([good[4000:5200], bad[4000:4100]])
yd = torch.cat([torch.zeros(1200), torch.ones(100)])

model = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1), nn.Flatten(0))
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
# criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4000 / 350))
# end
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    running = 0.0
    for i in torch.randperm(len(y)).split(50):
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(i)
    model.eval()
    with torch.no_grad():
        alarm = model(xd) > 0
    recall = alarm[yd == 1].float().mean().item()
    calm = (~alarm[yd == 0]).float().mean().item()
    print(f"epoch {epoch} loss {running / len(y):.4f} bad found {recall:.3f} good left alone {calm:.3f} balanced {(recall + calm) / 2:.3f}")
