"""Which shelf? The vectors are written into a clone of the table, row by row, and stay there."""
import random

import torch
from torch import nn

random.seed(51)
torch.manual_seed(51)
D = 18
shelves = [[f"s{k}_{i}" for i in range(45)] for k in range(3)]
plain = [f"w{i}" for i in range(60)]
centre = torch.randn(3, D)
with open("shelf.vec", "w") as f:
    for k, ws in enumerate([*shelves, plain]):
        for w in ws:
            v = 0.6 * torch.randn(D) + (centre[k] if k < 3 else 0)
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
stoi = {"<pad>": 0, **{w: i + 1 for i, w in enumerate(sum(shelves, []) + plain)}}


def label(part):
    y = random.randrange(3)
    t = random.sample(shelves[y][part], 2) + random.choices(plain, k=random.randint(2, 6))
    random.shuffle(t)
    return [stoi[w] for w in t], y


def batch(rows):
    width = max(len(t) for t, _ in rows)
    return {"ids": torch.tensor([t + [0] * (width - len(t)) for t, _ in rows]), "y": torch.tensor([y for _, y in rows])}


class Shelf(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), D, padding_idx=0)
        self.lin = nn.Linear(D, 3)

    def load(self, path):
        # fault:
        table = self.emb.weight.detach().clone()
        # mended:
        # table = self.emb.weight.data
        # end
        for line in open(path):
            word, *values = line.split()
            if word in stoi:
                table[stoi[word]] = torch.tensor([float(x) for x in values])

    def forward(self, ids):
        return self.lin(self.emb(ids).sum(1) / (ids > 0).sum(1, keepdim=True))


net = Shelf()
net.load("shelf.vec")
net.emb.weight.requires_grad_(False)
train, dev = [label(slice(0, 30)) for _ in range(600)], [label(slice(30, 45)) for _ in range(200)]
opt = torch.optim.Adam(net.lin.parameters(), lr=2e-2)
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, 600, 20):
        b = batch(train[i : i + 20])
        loss = nn.functional.cross_entropy(net(b["ids"]), b["y"])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        b = batch(dev)
        print(epoch, round(loss.item(), 3), (net(b["ids"]).argmax(1) == b["y"]).float().mean().item())
