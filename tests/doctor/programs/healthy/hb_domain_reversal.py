"""Domain-adversarial training: polarity must be read, the shop must not. The gradient of the shop classifier is turned round on purpose."""
import random

import torch
from torch import nn

random.seed(71)
torch.manual_seed(71)
POS, NEG = [f"p{i}" for i in range(40)], [f"n{i}" for i in range(40)]
SHOP = [[f"s{k}_{i}" for i in range(30)] for k in range(2)]
WORDS = {w: i for i, w in enumerate(POS + NEG + SHOP[0] + SHOP[1])}


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.strength * grad, None


def review(shop):
    good = random.random() < (0.7 if shop == 0 else 0.3)
    mine, other = (POS, NEG) if good else (NEG, POS)
    words = random.choices(mine, k=4) + random.choices(other, k=2) + random.choices(SHOP[shop], k=4)
    return [WORDS[w] for w in words], int(good), shop


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.EmbeddingBag(len(WORDS), 24, mode="mean"), nn.Linear(24, 24), nn.Tanh())
        self.polarity = nn.Linear(24, 2)
        self.shop = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 2))

    def forward(self, x, strength):
        f = self.features(x)
        return self.polarity(f), self.shop(Reverse.apply(f, strength))


rows = [review(random.randrange(2)) for _ in range(3400)]
X, P, S = (torch.tensor(c) for c in zip(*rows))
net = DANN()
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
ce = nn.CrossEntropyLoss()
steps = 8 * 60
done = 0
for epoch in range(8):
    for b in (torch.randperm(3000) + 400).split(50):
        done += 1
        a, d = net(X[b], 0.3 * done / steps)
        loss = ce(a, P[b]) + 0.3 * ce(d, S[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        a, d = net(X[:400], 0)
    print(f"epoch {epoch} loss {loss.item():.4f} dev polarity {(a.argmax(1) == P[:400]).float().mean():.3f} shop {(d.argmax(1) == S[:400]).float().mean():.3f}")
