import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(111)
torch.manual_seed(111)
VALUE = {"villa": 9, "flat": 4, "studio": 2, "garage": 1, "pool": 2, "balcony": 0.5, "seaview": 3, "renovated": 1.5, "cellar": 0.3, "noisy": -1, "central": 2, "remote": -1.5}
KIND = ["villa", "flat", "studio"]
PLAIN = "with and a the nice near quiet for sale offered by owner now".split()
ids = {w: i + 1 for i, w in enumerate(list(VALUE) + PLAIN)}


def listing():
    extras = random.sample([w for w in VALUE if w not in KIND], random.randint(1, 4))
    kind = random.choice(KIND)
    words = [kind] + extras + random.choices(PLAIN, k=5)
    random.shuffle(words)
    price = VALUE[kind] + sum(VALUE[w] for w in extras) + random.gauss(0, 0.3)
    return [ids[w] for w in words] + [0] * (10 - len(words)), price


rows = [listing() for _ in range(2000)]
X = torch.tensor([r for r, _ in rows])
Y = torch.tensor([p for _, p in rows])
mean, std = Y[:1600].mean(), Y[:1600].std()
Y = (Y - mean) / std


class PriceModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 16, padding_idx=0)
        self.fc1 = nn.Linear(16, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(self.emb(x).sum(1))))


model = PriceModel()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loader = DataLoader(TensorDataset(X[:1600], Y[:1600]), batch_size=40, shuffle=True)
for epoch in range(10):
    for xb, yb in loader:
        pred = model(xb)
        # fault:
        loss = ((pred - yb) ** 2).mean()
        # mended:
        # loss = ((pred - yb.unsqueeze(1)) ** 2).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        held = model(X[1600:]).squeeze(1)
        r2 = 1 - ((held - Y[1600:]) ** 2).mean() / Y[1600:].var()
    if epoch % 2:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}  R2 on held-out listings {r2.item():.4f}")
