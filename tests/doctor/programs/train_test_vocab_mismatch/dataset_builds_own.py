"""Mood of a diary line; a Dataset class that makes its vocabulary from its own lines; batches are dictionaries."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(17)
torch.manual_seed(17)
moods = ["glad", "sad", "angry"]
own = {m: [f"{m}{i}" for i in range(12)] for m in moods}
plain = [f"d{i}" for i in range(50)]


def line():
    m = random.choice(moods)
    t = random.choices(own[m], k=2) + random.choices(plain, k=random.randint(3, 6))
    random.shuffle(t)
    return " ".join(t), moods.index(m)


lines = [line() for _ in range(1100)]


class Diary(Dataset):
    def __init__(self, lines, vocab=None):
        self.vocab = vocab or {"[pad]": 0}
        self.items = []
        for text, y in lines:
            ids = [self.vocab.setdefault(w, len(self.vocab)) if vocab is None else self.vocab.get(w, 0) for w in text.split()]
            self.items.append((ids, y))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(items):
    width = max(len(t) for t, _ in items)
    return {"x": torch.tensor([t + [0] * (width - len(t)) for t, _ in items]), "y": torch.tensor([y for _, y in items])}


train = Diary(lines[:850])
# fault:
dev = Diary(lines[850:])
# mended:
# dev = Diary(lines[850:], train.vocab)
# end
emb = nn.Embedding(len(train.vocab), 24, padding_idx=0)
out = nn.Linear(24, 3)


def forward(batch):
    e = emb(batch["x"])
    return out(e.sum(1) / (batch["x"] > 0).sum(1, keepdim=True))


opt = torch.optim.Adam([*emb.parameters(), *out.parameters()], lr=1e-2)
for epoch in range(6):
    for batch in DataLoader(train, 25, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(forward(batch), batch["y"])
        loss.backward()
        opt.step()
    hits = 0
    with torch.no_grad():
        for batch in DataLoader(dev, 50, collate_fn=collate):
            hits += (forward(batch).argmax(1) == batch["y"]).sum().item()
    print(f"epoch {epoch}: loss {loss.item():.3f}, dev accuracy {hits / len(dev):.3f}")
