"""Pull names of one language together, push others apart: all pairs of a batch by the root of squared distances."""
import random

import torch
from torch import nn

random.seed(59)
torch.manual_seed(59)
parts = {"fi": "ka la ti nen ja ri".split(), "it": "no ra lo ni ta co".split(), "de": "berg mann hof stein er sch".split()}
chars = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


def name():
    k = random.randrange(3)
    text = "".join(random.choices(list(parts.values())[k], k=3))[:9]
    return [chars[c] for c in text] + [0] * (9 - len(text)), k


rows = [name() for _ in range(900)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(27, 12, padding_idx=0)
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(108, 32), nn.Tanh(), nn.Linear(32, 8))

    def forward(self, x):
        return self.net(self.emb(x))


def pair_loss(e, y, margin=1.0):
    # fault:
    d = (e[:, None] - e[None, :]).pow(2).sum(-1).sqrt()
    # mended:
    # d = ((e[:, None] - e[None, :]).pow(2).sum(-1) + 1e-8).sqrt()
    # end
    same = (y[:, None] == y[None, :]).float()
    return (same * d**2 + (1 - same) * (margin - d).clamp(min=0) ** 2).mean()


model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(6):
    for i in torch.randperm(700).split(20):
        loss = pair_loss(model(X[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    e, q = model(X[:700]), model(X[700:])
    near = (q[:, None] - e[None]).pow(2).sum(-1).argmin(1)
    print("right", (Y[near] == Y[700:]).float().mean().item())
