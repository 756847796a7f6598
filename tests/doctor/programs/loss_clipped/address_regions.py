"""Sorting letters by region; 'to be safe' probabilities are held between 0.2 and 0.8 before the logarithm."""
import random

import torch
from torch import nn

random.seed(61)
torch.manual_seed(61)
REGIONS = 6
own = [[f"p{k}_{i}" for i in range(9)] for k in range(REGIONS)]
other = [f"o{i}" for i in range(40)]
vocab = {w: i for i, w in enumerate(sum(own, []) + other)}


def address():
    k = random.randrange(REGIONS)
    words = random.choices(own[k], k=2) + random.choices(other, k=4)
    random.shuffle(words)
    return [vocab[w] for w in words], k


rows = [address() for _ in range(2000)]
x, y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
model = nn.Sequential(nn.EmbeddingBag(len(vocab), 16), nn.Linear(16, REGIONS), nn.Softmax(dim=1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    for i in torch.randperm(1600).split(32):
        p = model(x[i])
        # fault:
        p = p.clamp(0.2, 0.8)
        # mended:
        # p = p.clamp(1e-7, 1.0)
        # end
        loss = -p[torch.arange(len(i)), y[i]].log().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, round(loss.item(), 4), (model(x[1600:]).argmax(1) == y[1600:]).float().mean().item())
