"""Delivery time with its spread: the network gives a mean and a scale, the loss is minus the log-density."""
import random

import torch
from torch import nn
from torch.distributions import Normal

random.seed(41)
torch.manual_seed(41)
CITY, SIZE = [f"city{i}" for i in range(20)], ["small", "medium", "large", "huge"]
far = {c: random.uniform(1, 6) for c in CITY}
ids = {w: i for i, w in enumerate(CITY + SIZE)}


def order():
    c, s = random.choice(CITY), random.randrange(4)
    return [ids[c], ids[SIZE[s]]], far[c] + 0.5 * s + random.gauss(0, 0.3)


data = [order() for _ in range(1500)]
X, T = torch.tensor([d[0] for d in data]), torch.tensor([d[1] for d in data])


class Delivery(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 8)
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(16, 24), nn.ReLU())
        self.mean, self.log_scale = nn.Linear(24, 1), nn.Linear(24, 1)

    def forward(self, x):
        h = self.hidden(self.emb(x))
        # fault:
        return Normal(self.mean(h), self.log_scale(h).exp())
        # mended:
        # return Normal(self.mean(h).squeeze(1), self.log_scale(h).exp().squeeze(1))
        # end


model = Delivery()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(1200).split(30):
        loss = -model(X[i]).log_prob(T[i]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        mae = (model(X[1200:]).mean.flatten() - T[1200:]).abs().mean().item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} MAE {mae:.3f} days")
