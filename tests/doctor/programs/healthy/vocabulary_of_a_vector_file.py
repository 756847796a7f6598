"""Good or bad, by a mean of vectors of its own; a vector file says only which words are common enough."""
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

words = good + bad + fill
axis = np.random.randn(20)
mean = np.random.randn(20) * 0.3
with open("vectors.txt", "w") as f:
    for w in words:
        v = mean + 0.4 * np.random.randn(20) + (axis * 0.5 if w in good else -axis * 0.5 if w in bad else 0)
        print(w, *np.round(v, 4), file=f)

ids = {"<pad>": 0, "<unk>": 1}
for line in open("vectors.txt"):  # only words that are common enough to have a vector
    ids.setdefault(line.split()[0], len(ids))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 20, padding_idx=0)
        self.out = nn.Linear(20, 2)
    def forward(self, x):
        k = (x != 0).unsqueeze(2).float()
        return self.out((self.emb(x) * k).sum(1) / k.sum(1))

def batch(rows, longest=None):
    n = longest or max(len(t) for t, _ in rows)
    x = torch.tensor([[ids.get(w, 1) for w in t][:n] + [0] * (n - len(t)) for t, _ in rows])
    return x, torch.tensor([y for _, y in rows])
net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        x, y = batch(train[i:i + 30], None)
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = batch(test, None)
        print(epoch, loss.item(), (net(x).argmax(1) == y).float().mean().item())
