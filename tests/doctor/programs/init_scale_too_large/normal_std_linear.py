"""Stance of short comments with a tanh network whose weights are drawn by hand."""
import random

import torch
from torch import nn

random.seed(134)
torch.manual_seed(134)
PRO = "support agree yes welcome favour endorse".split()
CON = "oppose reject no refuse against protest".split()
ISSUE = "tunnel airport curfew toll vaccine merger".split()
FILL = "i really we the plan to must strongly about for this idea".split()
ids = {w: i for i, w in enumerate(PRO + CON + ISSUE + FILL + ["not"])}


def comment():
    y = random.randint(0, 1)
    flip = random.random() < 0.4
    word = random.choice(PRO if (y == 1) != flip else CON)
    words = [random.choice(FILL)] + (["not"] if flip else [random.choice(FILL)]) + [word, "the", random.choice(ISSUE), random.choice(FILL)]
    return [ids[w] for w in words], y


rows = [comment() for _ in range(2000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([y for _, y in rows])


class Stance(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 16)
        self.a = nn.Linear(6 * 16, 64)
        self.b = nn.Linear(64, 64)
        self.c = nn.Linear(64, 2)
        self.apply(self._init)

    def _init(self, m):
        if isinstance(m, nn.Linear):
            # fault:
            nn.init.normal_(m.weight, std=3.0)
            # mended:
            # nn.init.normal_(m.weight, std=m.in_features**-0.5)
            # end
            nn.init.zeros_(m.bias)

    def forward(self, x):
        h = torch.tanh(self.a(self.emb(x).flatten(1)))
        return self.c(torch.tanh(self.b(h)))


model = Stance()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    total = 0.0
    for i in torch.randperm(1600).split(40):
        loss = nn.functional.cross_entropy(model(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[1600:]).argmax(1) == Y[1600:]).float().mean().item()
    print(f"epoch {epoch} loss {total / 40:.4f} dev accuracy {acc:.4f}")
