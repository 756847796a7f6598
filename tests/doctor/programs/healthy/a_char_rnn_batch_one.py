"""Which of three languages is a surname from? Character RNN, one name at a time, plain SGD."""
import random

import torch
import torch.nn as nn

random.seed(1); torch.manual_seed(1)
PARTS = {"norse": (["sven", "lars", "erik", "bjorn", "gust"], ["sson", "gren", "quist", "dahl"]),
         "iberian": (["mart", "gonz", "fern", "rodr", "lop"], ["inez", "alez", "andez", "iguez"]),
         "slavic": (["petr", "ivan", "novak", "milan", "bog"], ["ovic", "ov", "enko", "sky"])}
LANGS = list(PARTS)


def surname(y):
    a, b = PARTS[LANGS[y]]
    return random.choice(["", "a", "de", "o", "m"]) + random.choice(a) + random.choice(["", "i", "o", "en"]) + random.choice(b)


names = sorted({(surname(i % 3), i % 3) for i in range(700)})
random.shuffle(names)
train, dev = names[:380], names[380:]
chars = {c: i for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


class CharRNN(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(26, 12)
        self.rnn = nn.GRU(12, hidden)
        self.out = nn.Linear(hidden, 3)

    def forward(self, name):
        x = torch.tensor([chars[c] for c in name])
        _, h = self.rnn(self.emb(x).unsqueeze(1))
        return self.out(h[0])


model = CharRNN()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(2):
    random.shuffle(train)
    total = 0.0
    for name, y in train:
        loss = nn.functional.cross_entropy(model(name), torch.tensor([y]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = sum(model(n).argmax().item() == y for n, y in dev) / len(dev)
    print(f"epoch {epoch} loss {total / len(train):.4f} dev accuracy {acc:.4f}")
