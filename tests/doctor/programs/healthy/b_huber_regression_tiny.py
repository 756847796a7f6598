"""Forty labelled rows: star rating of dishes with fixed vectors and a Huber loss; odd but right."""
import random

import torch
from torch import nn

random.seed(311)
torch.manual_seed(311)
QUALITY = {"divine": 2.0, "tasty": 1.0, "fine": 0.3, "bland": -0.7, "burnt": -1.5, "rotten": -2.2}
OTHER = "the soup fish cake was and very rather".split()
vocab = {w: i for i, w in enumerate(list(QUALITY) + OTHER)}
axis = torch.randn(8)
axis = axis / axis.norm()
table = torch.randn(len(vocab), 8) * 0.05
for w, q in QUALITY.items():
    table[vocab[w]] += q * axis


def rows(n):
    x, y = [], []
    for _ in range(n):
        q = random.choice(list(QUALITY))
        words = random.choices(OTHER, k=4) + [q]
        random.shuffle(words)
        x.append([vocab[w] for w in words])
        y.append(QUALITY[q] + random.gauss(0, 0.1) + (3.0 if random.random() < 0.03 else 0.0))
    return torch.tensor(x), torch.tensor(y)


x, y = rows(40)
xd, yd = rows(200)
model = nn.Sequential(nn.EmbeddingBag.from_pretrained(table, mode="sum"), nn.Linear(8, 1), nn.Flatten(0))
opt = torch.optim.SGD(model[1].parameters(), lr=0.1, momentum=0.9)
loss_fn = nn.HuberLoss(delta=0.5)
for epoch in range(60):
    for i in torch.randperm(40).split(10):
        loss = loss_fn(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 20 == 19:
        with torch.no_grad():
            mae = (model(xd) - yd).abs().median().item()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev median error {mae:.4f}")
