"""Share of fruit in a recipe, 0 to 1; time-major batches from a torchtext-like iterator, mean over time."""
import random

import torch
from torch import nn

random.seed(2)
torch.manual_seed(2)
fruit, other = [f"fruit{i}" for i in range(20)], [f"thing{i}" for i in range(40)]
stoi = {"<pad>": 0, **{w: i + 1 for i, w in enumerate(fruit + other)}}


class Field:
    pad_token = "<pad>"

    def process(self, texts):
        longest = max(map(len, texts))
        padded = [t + [self.pad_token] * (longest - len(t)) for t in texts]
        return torch.tensor([[stoi[w] for w in t] for t in padded]).t().contiguous(), torch.tensor([len(t) for t in texts])


class Batch:
    def __init__(self, rows, field):
        self.text, self.lengths = field.process([t for t, _ in rows])
        self.label = torch.tensor([y for _, y in rows])


def iterator(rows, size, shuffle):
    order = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(order), size):
        yield Batch(order[i : i + size], Field())


def recipe():
    n = random.randint(2, 14)
    t = [random.choice(fruit if random.random() < 0.4 else other) for _ in range(n)]
    return t, sum(w in fruit for w in t) / n


rows = [recipe() for _ in range(1200)]


class Share(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(stoi), 8, padding_idx=0)
        self.fc = nn.Linear(8, 1)

    def forward(self, text, lengths):
        e = self.embed(text)
        # fault:
        pooled = e.mean(0)
        # mended:
        # pooled = e.sum(0) / lengths.unsqueeze(1)
        # end
        return torch.sigmoid(self.fc(pooled)).squeeze(1)


model = Share()
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
for epoch in range(6):
    for b in iterator(rows[:1000], 25, True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(b.text, b.lengths), b.label)
        loss.backward()
        opt.step()
    with torch.no_grad():
        b = next(iterator(rows[1000:], 200, False))
        print(epoch, round(loss.item(), 4), "dev", nn.functional.mse_loss(model(b.text, b.lengths), b.label).item())
