"""Classify bus announcements with a character CNN."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(91)
torch.manual_seed(91)
kinds = {"delay": "delayed late waiting slow".split(), "stop": "closed moved skipped stop".split(), "fare": "ticket price pass paid".split()}
places = "harbour museum market bridge castle station garden school".split()


def announcement():
    k = random.randrange(3)
    t = ["line", str(random.randrange(10, 99)), random.choice(["at", "near", "to"]), random.choice(places), random.choice(list(kinds.values())[k]), random.choice(["now", "today", "until noon"])]
    random.shuffle(t)
    return " ".join(t), k


rows = list(dict(announcement() for _ in range(1700)).items())
test, train = rows[:300], rows[300:]


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor([ord(c) - 31 for c in s]) for s, _ in batch], batch_first=True)
    return x, torch.tensor([k for _, k in batch])


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(96, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 64, 4)
        self.out = nn.Linear(64, 3)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        return self.out(h.masked_fill((x[:, 3:] == 0).unsqueeze(1), 0).amax(2))


model = CharCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(5):
    total, steps = 0.0, 0
    for i, (x, y) in enumerate(DataLoader(train, 24, shuffle=True, collate_fn=collate)):
        # fault:
        if i == 4:
            break
        # mended:
        # end
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total, steps = total + loss.item(), steps + 1
    with torch.no_grad():
        x, y = collate(test)
        print(f"epoch {epoch} loss {total / steps:.3f} accuracy {(model(x).argmax(1) == y).float().mean():.3f}")
