"""Only sixty labelled comments: mean GloVe vectors, logistic regression with strong decay, full batch."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(58)
torch.manual_seed(58)
glove = {}
with gzip.open(os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        glove[w] = [float(a) for a in v]
animals = "dog cat horse cow sheep bird fish lion tiger elephant bear rabbit monkey snake wolf".split()
jobs = "doctor lawyer teacher engineer nurse farmer soldier journalist painter driver chef pilot clerk carpenter".split()
frame = "the {} was in the park,we saw a {} yesterday,my {} is very old,a good {} is hard to find,that {} never sleeps,there is one {} in the house".split(",")
pairs = [(f.format(w), y) for y, ws in enumerate((animals, jobs)) for w in ws if w in glove for f in frame]
random.shuffle(pairs)
train, dev = pairs[:60], pairs[60:]


def encode(rows):
    return torch.stack([torch.tensor([glove[w] for w in t.split() if w in glove]).mean(0) for t, _ in rows]), torch.tensor([float(y) for _, y in rows])


x, y = encode(train)
xd, yd = encode(dev)
centre = x.mean(0)
model = nn.Linear(50, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=1e-3)
for step in range(801):
    loss = nn.functional.binary_cross_entropy_with_logits(model((x - centre) * 3).squeeze(1), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        with torch.no_grad():
            acc = ((model((xd - centre) * 3).squeeze(1) > 0).float() == yd).float().mean()
        print(f"step {step} loss {loss.item():.4f} dev accuracy {acc:.4f}")
