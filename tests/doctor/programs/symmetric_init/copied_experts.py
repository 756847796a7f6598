"""Mixture of four linear experts on bag-of-words: is the price low for THIS kind of thing? (cheap for a car is not cheap for a pen)"""
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(73)
KINDS, LEVELS = 8, 8


def offers(n):
    kind, level = torch.randint(0, KINDS, (n,)), torch.randint(0, LEVELS, (n,))
    x = torch.zeros(n, KINDS + LEVELS + 30)
    x[torch.arange(n), kind] = 1
    x[torch.arange(n), KINDS + level] = 1
    x[:, KINDS + LEVELS :] = (torch.rand(n, 30) < 0.3).float()
    flip = torch.tensor([0, 1, 0, 1, 1, 0, 1, 0])[kind]
    y = (level >= 4).long() ^ flip
    return TensorDataset(x, y)


class Mixture(nn.Module):
    def __init__(self, d, k=4):
        super().__init__()
        expert = nn.Linear(d, 2)
        # fault:
        self.experts = nn.ModuleList([copy.deepcopy(expert) for _ in range(k)])
        # mended:
        # self.experts = nn.ModuleList([nn.Linear(d, 2) for _ in range(k)])
        # end
        self.gate = nn.Linear(d, k)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, x):
        g = self.gate(x).softmax(1)
        return torch.einsum("bk,bkc->bc", g, torch.stack([e(x) for e in self.experts], 1))


train, dev = offers(2000), offers(400)
model = Mixture(KINDS + LEVELS + 30)
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    for x, y in DataLoader(train, batch_size=50, shuffle=True):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        x, y = dev.tensors
        print(f"epoch {epoch} loss {loss.item():.4f} dev acc {(model(x).argmax(1) == y).float().mean():.4f}")
