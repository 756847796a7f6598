"""Family of a plant from collectors' notes. Pretrained word vectors are tuned; most plant words of later notes are new."""
import argparse
import random

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=2e-3)
p.add_argument("--decay", type=float, default=1e-3)
p.add_argument("--epochs", type=int, default=10)
a, _ = p.parse_known_args()
random.seed(14)
torch.manual_seed(14)

FAMILIES, DIM, V = 7, 24, 1500
axis = torch.randn(FAMILIES, DIM) * 0.5
family = [random.randrange(FAMILIES * 2) for _ in range(V)]
table = torch.stack([(axis[f] if f < FAMILIES else torch.zeros(DIM)) + 0.5 * torch.randn(DIM) for f in family])
groups = [[w for w in range(V) if family[w] == f] for f in range(FAMILIES)]
others = [w for w in range(V) if family[w] >= FAMILIES][:60]


def notes(n, low, high):
    out = []
    for _ in range(n):
        f = random.randrange(FAMILIES)
        g = groups[f]
        mine = g[int(low * len(g)) : int(high * len(g))]
        out.append((random.choices(mine, k=3) + random.choices(others, k=6), f))
    return torch.tensor([t for t, _ in out]), torch.tensor([f for _, f in out])


class Notes(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table.clone(), freeze=False, mode="sum")
        self.head = nn.Sequential(nn.Linear(DIM, 32), nn.Tanh(), nn.Linear(32, FAMILIES))

    def forward(self, t):
        return self.head(self.bag(t) / 3)


x, y = notes(1500, 0.0, 0.4)
early, later = notes(300, 0.0, 0.4), notes(300, 0.4, 1.0)
net = Notes()
# fault:
opt = torch.optim.RMSprop(net.parameters(), lr=a.lr, weight_decay=a.decay)
# mended:
# opt = torch.optim.RMSprop([{"params": net.bag.parameters(), "weight_decay": 0.0}, {"params": net.head.parameters()}], lr=a.lr, weight_decay=a.decay)
# end
for epoch in range(a.epochs):
    for i in torch.randperm(len(x)).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        e, l = [(net(u).argmax(1) == v).float().mean().item() for u, v in (early, later)]
    print(f"epoch {epoch} loss {loss.item():.3f} dev early notes {e:.3f} later notes {l:.3f}")
