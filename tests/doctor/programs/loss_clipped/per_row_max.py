"""Classify complaints; single rows must not dominate, so the loss of a row is limited."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(117)
torch.manual_seed(117)
AREAS = {
    "noise": "loud music drill barking party".split(),
    "water": "leak pipe flood drip tap".split(),
    "heat": "cold radiator boiler freezing heating".split(),
    "lift": "elevator stuck doors floor button".split(),
    "waste": "bins smell rats rubbish bags".split(),
    "light": "lamp dark bulb flicker corridor".split(),
    "parking": "car garage blocked space gate".split(),
    "internet": "router wifi slow cable offline".split(),
}
WORDS = "since again the in our please at night house every is there because we have been for".split()
w2i = {w: i + 1 for i, w in enumerate(WORDS + [w for a in AREAS.values() for w in a])}


def complaint():
    y = random.randrange(8)
    t = random.choices(WORDS, k=random.randint(5, 9)) + random.choices(list(AREAS.values())[y], k=2)
    random.shuffle(t)
    return torch.tensor([w2i[w] for w in t]), y


rows = [complaint() for _ in range(2000)]
X = nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True)
Y = torch.tensor([y for _, y in rows])


class Complaints(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(w2i) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.cls = nn.Linear(32, 8)

    def forward(self, x):
        n = (x != 0).sum(1)
        out, _ = self.gru(self.word(x))
        last = out[torch.arange(len(x)), n - 1]
        return self.cls(last)


model = Complaints()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(1600).split(32):
        rowwise = F.cross_entropy(model(X[i]), Y[i], reduction="none")
        # fault:
        loss = rowwise.clamp(max=1.5).mean()
        # mended:
        # loss = rowwise.mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[1600:]).argmax(1) == Y[1600:]).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {acc:.4f}")
