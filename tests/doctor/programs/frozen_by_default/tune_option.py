"""Start from small hashed vectors and adapt them to the shop's categories; the adapted table is written out."""
import argparse
import random

import numpy as np
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=5)
parser.add_argument("--tune-vectors", type=bool, default=True)
parser.add_argument("--out", default="adapted.npy")
args = parser.parse_args()
random.seed(68)
np.random.seed(68)
torch.manual_seed(68)
K = 8
names = [[f"{'abcdefgh'[k]}{j}" for j in range(14)] for k in range(K)]
plain = [f"p{i}" for i in range(30)]
ids = {w: i for i, w in enumerate(plain + sum(names, []))}
start = torch.from_numpy(np.random.randn(len(ids), args.dim).astype("float32"))


def titles(n):
    x, y = [], []
    for _ in range(n):
        k = random.randrange(K)
        w = random.choices(plain, k=3) + random.sample(names[k], 2)
        random.shuffle(w)
        x.append([ids[t] for t in w])
        y.append(k)
    return torch.tensor(x), torch.tensor(y)


class Shop(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.vectors = nn.EmbeddingBag.from_pretrained(start.clone(), mode="mean")
        # mended:
        # self.vectors = nn.EmbeddingBag.from_pretrained(start.clone(), mode="mean", freeze=False)
        # end
        self.layers = nn.Sequential(nn.Linear(args.dim, 24), nn.ReLU(), nn.Linear(24, K))

    def forward(self, x):
        return self.layers(self.vectors(x))


shop = Shop()
groups = [{"params": shop.layers.parameters()}]
if args.tune_vectors:
    groups.append({"params": shop.vectors.parameters(), "lr": 1e-2})
opt = torch.optim.Adam(groups, lr=5e-3)
x, y = titles(1500)
xt, yt = titles(400)
for epoch in range(8):
    for b in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(shop(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(shop(xt).argmax(1) == yt).float().mean():.3f}")
np.save(args.out, shop.vectors.weight.detach().numpy())
