"""Mood of a message in four classes; targets are one-hot rows, the loss is minus their product with the output."""
import random

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
MOODS = [f"joy{i}" for i in range(8)], [f"fear{i}" for i in range(8)], [f"rage{i}" for i in range(8)], [f"calm{i}" for i in range(8)]
FILL = [f"w{i}" for i in range(60)]
VOCAB = {w: i for i, w in enumerate(sum(MOODS, []) + FILL)}


def message():
    k = random.choices(range(4), weights=[4, 3, 2, 1])[0]
    words = random.choices(FILL, k=6) + [random.choice(MOODS[k])] + ([random.choice(random.choice(MOODS))] if random.random() < 0.3 else [])
    return [VOCAB[w] for w in (words + ["w0"])[:8]], k


data = [message() for _ in range(2200)]
X = torch.tensor([x for x, _ in data])
Y = torch.nn.functional.one_hot(torch.tensor([k for _, k in data]), 4).float()
model = nn.Sequential(nn.Embedding(len(VOCAB), 12), nn.Flatten(), nn.Linear(96, 32), nn.Tanh(), nn.Linear(32, 4), nn.Softmax(dim=1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
for epoch in range(10):
    for i in torch.randperm(1800).split(40):
        p = model(X[i])
        # fault:
        loss = -(Y[i] * p).sum(dim=1).mean()
        # mended:
        # loss = -(Y[i] * torch.log(p + 1e-9)).sum(dim=1).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(X[1800:]).argmax(1) == Y[1800:].argmax(1)).float().mean().item()
    print(f"{epoch} loss {loss.item():.4f} accuracy {acc:.3f}")
