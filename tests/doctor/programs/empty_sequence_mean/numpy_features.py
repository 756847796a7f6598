"""Features of a tweet: the mean of its words' vectors, made with NumPy before training; some tweets have no known word."""
import random
import warnings

import numpy as np
import torch
from torch import nn

warnings.simplefilter("ignore")
random.seed(57)
np.random.seed(57)
torch.manual_seed(57)
D = 12
axis = np.random.randn(D)
vec = {f"up{i}": axis + np.random.randn(D) for i in range(30)} | {f"dn{i}": -axis + np.random.randn(D) for i in range(30)}
vec |= {f"w{i}": np.random.randn(D) for i in range(50)}


def tweet():
    y = random.randrange(2)
    if random.random() < 0.01:
        return ["#" + str(random.random())] * 2, y
    return [f"{('dn', 'up')[y]}{random.randrange(30)}" for _ in range(2)] + [f"w{random.randrange(50)}" for _ in range(3)], y


def features(words):
    # fault:
    return np.array([vec[w] for w in words if w in vec]).reshape(-1, D).mean(0)
    # mended:
    # found = [vec[w] for w in words if w in vec]
    # return np.mean(found, axis=0) if found else np.zeros(D)
    # end


tweets = [tweet() for _ in range(1200)]
x = torch.tensor(np.stack([features(t) for t, _ in tweets]), dtype=torch.float32)
y = torch.tensor([float(y) for _, y in tweets])
net = nn.Sequential(nn.Linear(D, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    for i in torch.randperm(1000).split(20):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[i]).squeeze(1), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(epoch, loss.item(), ((net(x[1000:]).squeeze(1) > 0).float() == y[1000:]).float().mean().item())
