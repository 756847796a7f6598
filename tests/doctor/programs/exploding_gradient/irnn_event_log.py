"""How many errors were logged minus how many were solved? A ReLU RNN started at the identity reads the whole log."""
import random

import torch
from torch import nn

random.seed(36)
torch.manual_seed(36)
events = "login logout upload download view search error solved".split()
ids = {w: i for i, w in enumerate(events)}
LEN = 45


def log():
    p = random.uniform(0.02, 0.25)
    q = random.uniform(0.0, 0.15)
    words = random.choices(events, weights=[(1 - p - q) / 6] * 6 + [p, q], k=LEN)
    return [ids[w] for w in words], (words.count("error") - words.count("solved")) / 4


rows = [log() for _ in range(2000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([y for _, y in rows])


class IRNN(nn.Module):
    def __init__(self, d=16, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(ids), d)
        self.x2h = nn.Linear(d, h)
        self.h2h = nn.Linear(h, h)
        self.out = nn.Linear(h, 1)
        nn.init.eye_(self.h2h.weight)
        nn.init.zeros_(self.h2h.bias)
        nn.init.normal_(self.emb.weight, std=0.1)

    def forward(self, x):
        e = self.x2h(self.emb(x))
        h = torch.zeros(len(x), self.h2h.in_features)
        for t in range(x.size(1)):
            h = torch.relu(e[:, t] + self.h2h(h))
        return self.out(h).squeeze(1)


model = IRNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, 0.4)
for epoch in range(12):
    for idx in torch.randperm(1600).split(20):
        loss = nn.functional.mse_loss(model(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        # fault:
        optimizer.step()
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # optimizer.step()
        # end
    scheduler.step()
    with torch.no_grad():
        mae = (model(X[1600:]) - Y[1600:]).abs().mean()
        base = (Y[1600:] - Y[:1600].mean()).abs().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev MAE {mae:.4f} (mean of the training set: {base:.4f})")
