"""Sentiment of a remark with adversarial steps on the embedding table (fast gradient method)."""
import random

import torch
from torch import nn

random.seed(15)
torch.manual_seed(15)
good, bad = "fine lovely great superb".split(), "poor awful dull broken".split()
glue = "the a of and with new old in".split()
v = {w: i + 1 for i, w in enumerate(glue + good + bad)}


def remark():
    k = random.randrange(2)
    t = random.choices(good if k else bad, k=2) + random.choices(glue, k=5)
    random.shuffle(t)
    return [v[w] for w in t], k


rows = [remark() for _ in range(1200)]
x, y = torch.tensor([a for a, _ in rows]), torch.tensor([k for _, k in rows])
net = nn.Sequential(nn.EmbeddingBag(len(v) + 1, 24), nn.Linear(24, 2))
table = net[0].weight
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(4):
    for b in torch.randperm(1000).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        kept = table.data.clone()
        table.data.add_(0.5 * table.grad / table.grad.norm())
        nn.functional.cross_entropy(net(x[b]), y[b]).backward()
        table.data.copy_(kept)
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(net(x[1000:]).argmax(1) == y[1000:]).float().mean():.3f}")
