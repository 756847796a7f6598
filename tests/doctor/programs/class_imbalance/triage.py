"""Triage of phone notes: which callers need an ambulance? About one in thirty does."""
import random

import torch
from torch import nn

random.seed(88)
torch.manual_seed(88)
SIGNS = [f"sign{i}" for i in range(12)]
OTHER = [f"word{i}" for i in range(90)]
ids = {w: i for i, w in enumerate(SIGNS + OTHER)}


def call():
    urgent = random.random() < 0.035
    t = [random.choice(SIGNS) if random.random() < (0.4 if urgent else 0.1) else random.choice(OTHER) for _ in range(random.randint(5, 10))]
    return [ids[w] for w in t], float(urgent)


calls = [call() for _ in range(4500)]
train, dev = calls[:3500], calls[3500:]
known = {tuple(t) for t, _ in train}
dev = [c for c in dev if tuple(c[0]) not in known]


class Triage(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), 16)
        self.out = nn.Linear(16, 1)

    def forward(self, notes):
        off = torch.tensor([0] + [len(t) for t in notes[:-1]]).cumsum(0)
        return self.out(self.bag(torch.tensor([i for t in notes for i in t]), off)).flatten()


positives = sum(y for _, y in train)
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
# criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - positives) / positives))
# end
model = Triage()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 50):
        x, y = zip(*train[i:i + 50])
        loss = criterion(model(x), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        says, is_ = model(x) > 0, torch.tensor(y) > 0
        recall, spec = (says & is_).sum() / is_.sum(), (~says & ~is_).sum() / (~is_).sum()
    print(f"epoch {epoch} loss {loss.item():.4f} urgent found {recall.item():.3f} balanced accuracy {(recall + spec).item() / 2:.3f}")
