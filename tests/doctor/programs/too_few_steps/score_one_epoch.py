"""Score of a text, the sum of its words' weights, learned in one pass."""
import random
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)
good = [f"good{i}" for i in range(40)]
bad = [f"bad{i}" for i in range(40)]
fill = [f"fill{i}" for i in range(60)]
def text(y, low=3, high=18, last=False):
    t = random.choices(fill, k=random.randint(low, high))
    cue = random.sample(good if y else bad, 2)
    if last:
        return t + cue
    t += cue
    random.shuffle(t)
    return t
rows = []
for _ in range(1200):
    y = random.randrange(2)
    rows.append((text(y, 3, 18), y))
train, test = rows[:900], rows[900:]

ids = {"<pad>": 0, "<unk>": 1}
for t, _ in train:
    for w in t:
        ids.setdefault(w, len(ids))

weight = {w: random.gauss(0, 1) for w in good + bad + fill}
def score(t):
    return sum(weight[w] for w in t) / len(t) ** 0.5
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 24, padding_idx=0)
        self.out = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    def forward(self, x):
        return self.out(self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True) ** 0.5).squeeze(1)
def batch(rows):
    n = max(len(t) for t, _ in rows)
    x = torch.tensor([[ids.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in rows])
    return x, torch.tensor([score(t) for t, _ in rows])
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
# fault:
for epoch in range(1):
# mended:
# for epoch in range(40):
# end
    random.shuffle(train)
    for i in range(0, len(train), 30):
        x, y = batch(train[i:i + 30])
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = batch(test)
        print(epoch, loss.item(), (1 - (net(x) - y).pow(2).mean() / y.var()).item())
