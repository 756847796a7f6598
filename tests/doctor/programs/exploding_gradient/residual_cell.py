"""Keep count over a long shift log: which of four machines was stopped last? A recurrent cell of our own."""
import random

import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
T = 70
events = [f"stop{i}" for i in range(4)] + [f"tick{i}" for i in range(12)]


def shift():
    x = [random.randrange(4, 16) for _ in range(T)]
    for _ in range(3):
        x[random.randrange(T - 12, T)] = random.randrange(4)
    last = [e for e in x if e < 4][-1]
    return x, last


class Cell(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.inp = nn.Linear(d, d)
        self.rec = nn.Linear(d, d)
        # fault:
        # mended:
        # self.gate = nn.Linear(2 * d, d)
        # end

    def forward(self, x, h):
        new = torch.relu(self.inp(x) + self.rec(h))
        # fault:
        return h + new
        # mended:
        # z = torch.sigmoid(self.gate(torch.cat([x, h], -1)))
        # return z * h + (1 - z) * torch.tanh(new)
        # end


class ShiftModel(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(16, d)
        self.cell = Cell(d)
        self.out = nn.Linear(d, 4)

    def forward(self, x):  # x: (T, B)
        h = x.new_zeros(x.size(1), 32, dtype=torch.float)
        for e in self.emb(x):
            h = self.cell(e, h)
        return self.out(h)


def tensors(n):
    rows = [shift() for _ in range(n)]
    return torch.tensor([x for x, _ in rows]).t(), torch.tensor([y for _, y in rows])


x, y = tensors(900)
xt, yt = tensors(200)
model = ShiftModel()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    total, biggest = 0.0, 0.0
    for b in torch.randperm(900).split(30):
        loss = nn.functional.cross_entropy(model(x[:, b]), y[b])
        opt.zero_grad()
        loss.backward()
        biggest = max(biggest, max(p.grad.norm().item() for p in model.parameters()))
        opt.step()
        total += loss.item()
    with torch.no_grad():
        print(f"epoch {epoch} loss {total / 30:.3g} largest gradient {biggest:.3g} accuracy {(model(xt).argmax(1) == yt).float().mean():.3f}")
