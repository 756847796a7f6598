"""Author attribution; texts are sorted by length so that little padding is needed (packed LSTM)."""
import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(67); np.random.seed(67); torch.manual_seed(67)
HABITS = ["indeed moreover thus hence albeit whilst".split(), "gonna kinda pretty stuff lots anyway".split(), "sea sky night star wind moon".split()]
SHARED = "the a he she it was and of to in on had with for but then there when all one".split()


def page():
    y = random.randrange(3)
    n = random.randint(6, 24)
    return [random.choice(HABITS[y]) if random.random() < 0.22 else random.choice(SHARED) for _ in range(n)], y


pages = [page() for _ in range(900)]
texts, authors = [t for t, _ in pages], np.array([y for _, y in pages])
stoi = {w: i for i, w in enumerate(sorted(set(SHARED + sum(HABITS, []))))}


def prepare(texts, authors):
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    ids = [torch.tensor([stoi[w] for w in texts[i]]) for i in order]
    # fault:
    return ids, torch.from_numpy(authors)
    # mended:
    # return ids, torch.from_numpy(authors[order])
    # end


x, y = prepare(texts[:650], authors[:650])
xd, yd = prepare(texts[650:], authors[650:])


class Author(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 16)
        self.lstm = nn.LSTM(16, 24)
        self.out = nn.Linear(24, 3)

    def forward(self, seqs):
        packed = pack_sequence(seqs)
        packed = packed._replace(data=self.emb(packed.data))
        return self.out(self.lstm(packed)[1][0][-1])


net = Author()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
chunks = [range(i, min(i + 26, 650)) for i in range(0, 650, 26)]
for epoch in range(8):
    random.shuffle(chunks)
    tot = 0
    for c in chunks:
        loss = nn.functional.cross_entropy(net([x[i] for i in c]), y[list(c)])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        tot += loss.item() / len(chunks)
    with torch.no_grad():
        print(f"epoch {epoch} loss {tot:.4f} dev acc {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
