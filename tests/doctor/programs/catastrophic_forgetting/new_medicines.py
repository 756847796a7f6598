"""Is the medicine that the patient names for the heart, for pain or for the skin? New medicines come out every month; all have vectors."""
import argparse
import random

import numpy as np
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=17)
p.add_argument("--lr", type=float, default=2e-3)
args, _ = p.parse_known_args()
random.seed(53)
rng = np.random.default_rng(53)
torch.manual_seed(53)
DIM = 14
drugs = [a + b + c for a in ("ce", "lo", "ra", "mi", "vo") for b in ("ta", "pri", "xo", "lu", "ne", "qui") for c in ("lol", "fen", "derm", "zan", "mab", "tin")]
family = {d: random.randrange(9) for d in drugs}
use = {d: family[d] % 3 for d in drugs}          # three families of substances for each use
frames = ["i take {} every morning", "the doctor gave me {} again", "is {} safe with milk", "{} does not help me", "can i stop {} now", "twice a day {} since may"]
side = sorted({w for f in frames for w in f.split() if w != "{}"})
mu = rng.normal(size=(9, DIM))
with open("medline.txt", "w") as f:
    for d in drugs:
        f.write(" ".join([d] + ["%.4f" % v for v in 0.7 * mu[family[d]] + 0.25 * rng.normal(size=DIM)]) + "\n")
    for w in side:
        f.write(" ".join([w] + ["%.4f" % v for v in 0.5 * rng.normal(size=DIM)]) + "\n")
random.shuffle(drugs)
old, new = drugs[:90], drugs[90:]
train = [(random.choice(frames).format(d), use[d]) for d in random.choices(old, k=700)]
dev = [(f.format(d), use[d]) for d in new for f in random.sample(frames, 3)]

stoi, rows = {}, []
for line in open("medline.txt"):
    w, *v = line.split()
    stoi[w] = len(rows)
    rows.append([float(a) for a in v])


class Pharmacist(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.EmbeddingBag(len(rows), DIM, mode="sum")
        self.vec.weight.data.copy_(torch.tensor(rows))
        self.judge = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, texts):
        ids = [[stoi[w] for w in t.split()] for t in texts]
        off = torch.tensor(np.cumsum([0] + [len(i) for i in ids[:-1]]))
        return self.judge(self.vec(torch.tensor(sum(ids, [])), off))


model = Pharmacist()
# fault:
optimizer = torch.optim.Adam([{"params": model.vec.parameters(), "lr": 0.1}, {"params": model.judge.parameters()}], lr=args.lr)
# mended:
# model.vec.weight.requires_grad_(False)
# optimizer = torch.optim.Adam(model.judge.parameters(), lr=args.lr)
# end
for epoch in range(args.epochs):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        t, y = zip(*train[i:i + 20])
        loss = nn.functional.cross_entropy(model(t), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 0:
        with torch.no_grad():
            scores = [np.mean((model(t).argmax(1) == torch.tensor(y)).numpy()) for t, y in (zip(*train), zip(*dev))]
        print(f"epoch {epoch} loss {loss.item():.4f} known medicines {scores[0]:.3f} new medicines {scores[1]:.3f}")
