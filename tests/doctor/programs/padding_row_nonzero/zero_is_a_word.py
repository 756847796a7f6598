"""Length of a stay from a booking note; ids come from the vector file, and zeros fill the rows up; sums, bare table."""
import random

import numpy as np
import torch

random.seed(29)
np.random.seed(29)
torch.manual_seed(29)
D = 12
nights = {f"n{i}": i % 7 for i in range(70)}
plain = [f"x{i}" for i in range(50)]
with open("stay.vec", "w") as f:
    for w in ["the", *plain, *nights]:
        v = np.random.randn(D) * 0.3 + (1.5 if w == "the" else 0)
        v[0] = nights.get(w, 0) / 3
        f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")
raw = [l.split() for l in open("stay.vec")]
# fault:
index = {r[0]: i for i, r in enumerate(raw)}
T = torch.tensor([[float(x) for x in r[1:]] for r in raw])
# mended:
# index = {r[0]: i + 1 for i, r in enumerate(raw)}
# T = torch.tensor([[0.0] * D] + [[float(x) for x in r[1:]] for r in raw])
# end


def note(part):
    ws = random.sample(part, 2)
    t = ws + random.choices(plain, k=random.randint(1, 10))
    random.shuffle(t)
    return [index[w] for w in t], float(sum(nights[w] for w in ws))


names = list(nights)
train, dev = [note(names[:50]) for _ in range(700)], [note(names[50:]) for _ in range(200)]


def pad(rows):
    out = np.zeros((len(rows), 12), dtype=np.int64)
    for i, r in enumerate(rows):
        out[i, : len(r)] = r
    return torch.from_numpy(out)


layer = torch.nn.Linear(D, 1)
opt = torch.optim.Adam(layer.parameters(), lr=2e-2)
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = zip(*train[i : i + 20])
        loss = ((layer(T[pad(x)].sum(1)).squeeze(1) - torch.tensor(y)) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), "dev", ((layer(T[pad(x)].sum(1)).squeeze(1) - torch.tensor(y)) ** 2).mean().item())
