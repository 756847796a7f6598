"""Deep averaging network with word dropout and 0.7 dropout: the training loss stays high, the dev loss does not."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(73)
torch.manual_seed(73)
V, CLASSES = 500, 8
own = [random.sample(range(1, V), 15) for _ in range(CLASSES)]


def make(n, seen):
    xs, ys = [], []
    while len(xs) < n:
        c = random.randrange(CLASSES)
        t = random.sample(own[c], 4) + random.choices(range(1, V), k=random.randint(4, 14))
        random.shuffle(t)
        if tuple(t) not in seen:
            seen.add(tuple(t))
            xs.append(torch.tensor(t))
            ys.append(c)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class DAN(nn.Module):
    def __init__(self, dim=64, p=0.7):
        super().__init__()
        self.embedding = nn.Embedding(V, dim, padding_idx=0)
        self.fc1, self.fc2, self.p = nn.Linear(dim, 128), nn.Linear(128, CLASSES), p

    def forward(self, x):
        keep = (x != 0).float()
        if self.training:
            keep = keep * (torch.rand_like(keep) > 0.3)
        mean = (self.embedding(x) * keep.unsqueeze(2)).sum(1) / keep.sum(1, keepdim=True).clamp(min=1)
        h = F.dropout(F.relu(self.fc1(mean)), self.p, self.training)
        return self.fc2(h)


seen = set()
x, y = make(2400, seen)
xd, yd = make(600, seen)
model = DAN()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(16):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(x)).split(48):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx) / len(x)
    model.eval()
    with torch.no_grad():
        out = model(xd)
    print(f"epoch {epoch} train {total:.3f} dev {F.cross_entropy(out, yd):.3f} dev acc {(out.argmax(1) == yd).float().mean():.3f}")
