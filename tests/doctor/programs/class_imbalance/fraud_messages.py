"""Find the few fraudulent messages."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(20)
torch.manual_seed(20)
SUSPECT = "urgent verify transfer prize account click bank winner claim link".split()
NORMAL = "meeting lunch report thanks tomorrow project call agenda train dinner bank account link".split()


def message(fraud):
    k = random.randint(8, 12)
    return [random.choice(SUSPECT if random.random() < (0.42 if fraud else 0.16) else NORMAL) for _ in range(k)]


words = sorted(set(SUSPECT + NORMAL))
stoi = {w: i + 1 for i, w in enumerate(words)}


def dataset(n):
    labels = [int(random.random() < 0.06) for _ in range(n)]
    x = torch.zeros(n, 12, dtype=torch.long)
    for i, y in enumerate(labels):
        for j, w in enumerate(message(y)):
            x[i, j] = stoi[w]
    return x, torch.tensor(labels)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(stoi) + 1, 16, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))

    def forward(self, x):
        mask = (x > 0).float().unsqueeze(2)
        return self.mlp((self.embed(x) * mask).sum(1) / mask.sum(1))


x, y = dataset(4000)
xv, yv = dataset(2000)
model = Detector()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# share = torch.bincount(y).float() / len(y)
# criterion = nn.CrossEntropyLoss(weight=0.5 / share)
# end
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
for epoch in range(5):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        guess = model(xv).argmax(1)
    recall = [(guess[yv == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {total / len(loader):.3f} recall {recall[0]:.3f} {recall[1]:.3f} balanced accuracy {sum(recall) / 2:.3f}")
