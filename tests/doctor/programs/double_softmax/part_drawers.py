"""Which drawer does a part belong to? The loss is written out: log-sum-exp minus the score of the class."""
import random

import torch
from torch import nn

random.seed(7)
torch.manual_seed(7)
DRAWERS = 5
hints = [[f"d{k}w{i}" for i in range(6)] for k in range(DRAWERS)]
noise = [f"n{i}" for i in range(30)]
ids = {w: i for i, w in enumerate(sum(hints, []) + noise)}


def part():
    k = random.randrange(DRAWERS)
    words = random.choices(hints[k], k=2) + random.choices(noise, k=4)
    return [ids[w] for w in words], k


rows = [part() for _ in range(2000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])


class Drawers(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(ids), 16)
        self.out = nn.Linear(16, DRAWERS)

    def forward(self, x):
        z = self.out(self.words(x).mean(1))
        # fault:
        return torch.softmax(z, 1)
        # mended:
        # return z
        # end


def loss_of(scores, y):
    return (torch.logsumexp(scores, dim=1) - scores.gather(1, y[:, None])[:, 0]).mean()


model = Drawers()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for i in torch.randperm(1600).split(32):
        loss = loss_of(model(X[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, round(loss.item(), 4), (model(X[1600:]).argmax(1) == Y[1600:]).float().mean().item())
