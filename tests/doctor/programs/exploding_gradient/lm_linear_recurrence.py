"""Counts open topics in a long text with a hand-written recurrent cell; regression on the final count."""
import random

import torch
from torch import nn

random.seed(232)
torch.manual_seed(232)
WORDS = "open close wait talk note".split()
EFFECT = {"open": 1.0, "close": -1.0}


def log_entry(n=30):
    words = random.choices(WORDS, k=n)
    return [WORDS.index(w) for w in words], sum(EFFECT.get(w, 0) for w in words) / 10


rows = [log_entry() for _ in range(1600)]
x, y = torch.tensor([r for r, _ in rows]), torch.tensor([c for _, c in rows])


class Counter(nn.Module):
    def __init__(self, h=24):
        super().__init__()
        self.inp = nn.Embedding(len(WORDS), h)
        self.u = nn.Parameter(torch.empty(h, h))
        nn.init.orthogonal_(self.u)
        # fault:
        self.u.data *= 1.5
        # mended:
        # end
        self.inp.weight.data *= 0.1
        self.read = nn.Linear(h, 1)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.u.size(0))
        for t in range(x.size(1)):
            h = h @ self.u + self.inp(x[:, t])
        return self.read(h).squeeze(1)


model = Counter()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    total = 0.0
    for i in torch.randperm(1300).split(26):
        loss = nn.functional.mse_loss(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # end
        opt.step()
        total += loss.item()
    with torch.no_grad():
        p = model(x[1300:])
        r2 = 1 - ((p - y[1300:]) ** 2).mean() / y[1300:].var()
    if epoch % 2:
        print(f"epoch {epoch + 1} loss {total / 50:.4g} R2 {r2.item():.4g}")
