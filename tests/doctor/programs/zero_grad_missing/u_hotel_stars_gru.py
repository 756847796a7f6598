"""Predict the (continuous) star rating of a short hotel note with a GRU. Micro-batches of 32, one step for every two."""
import math
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence

random.seed(7); np.random.seed(7); torch.manual_seed(7)

ASPECTS = ["room", "bed", "staff", "breakfast", "view", "lobby", "shower", "wifi", "pool", "parking", "bar", "location"]
VERDICTS = {"awful": -2.0, "dirty": -1.6, "poor": -1.2, "noisy": -0.9, "dated": -0.5, "ordinary": 0.0,
            "decent": 0.3, "nice": 0.7, "clean": 0.9, "great": 1.4, "superb": 1.8, "perfect": 2.1}
LINKS = ["and", "while", "but", "also", "then"]


def write_note():
    words, total = [], 0.0
    n = random.randint(2, 4)
    for k in range(n):
        v = random.choice(list(VERDICTS))
        score = VERDICTS[v]
        words += ["the", random.choice(ASPECTS), "was"]
        if random.random() < 0.3:
            words.append("very")
            score *= 1.4
        words.append(v)
        total += score
        if k < n - 1:
            words.append(random.choice(LINKS))
    return words, 3.0 + total / math.sqrt(n) + random.gauss(0, 0.15)


notes = [write_note() for _ in range(2600)]
seen, unique = set(), []
for w, s in notes:
    if tuple(w) not in seen:
        seen.add(tuple(w))
        unique.append((w, s))
vocab = {}
for w, _ in unique:
    for t in w:
        vocab.setdefault(t, len(vocab))
pairs = [(torch.tensor([vocab[t] for t in w]), s) for w, s in unique]
test, train = pairs[:500], pairs[500:]
print(len(train), "train", len(test), "test", len(vocab), "words")


class StarGRU(nn.Module):
    def __init__(self, n_words, dim=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim)
        self.rnn = nn.GRU(dim, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, seqs):
        packed = pack_sequence([self.emb(s) for s in seqs], enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(h[-1]).squeeze(-1)


net = StarGRU(len(vocab))
with torch.no_grad():
    net.out.bias.fill_(float(np.mean([s for _, s in train])))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.8)
crit = nn.MSELoss()
ACCUM, MB, EPOCHS = 2, 32, 4
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.2, total_steps=EPOCHS * (len(train) // (MB * ACCUM) + 1))


def r2(rows):
    net.eval()
    with torch.no_grad():
        p = net([x for x, _ in rows]).numpy()
    y = np.array([s for _, s in rows])
    return 1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()


for ep in range(EPOCHS):
    net.train()
    random.shuffle(train)
    running, seen_batches = 0.0, 0
    opt.zero_grad()
    for i in range(0, len(train) - MB + 1, MB):
        chunk = train[i:i + MB]
        pred = net([x for x, _ in chunk])
        loss = crit(pred, torch.tensor([s for _, s in chunk]))
        (loss / ACCUM).backward()
        running += loss.item()
        seen_batches += 1
        if seen_batches % ACCUM == 0:
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            # fault:
            opt.step()
            # mended:
            # opt.step()
            # opt.zero_grad()
            # end
            sched.step()
    print(f"epoch {ep + 1}  mse {running / seen_batches:.3f}  test R2 {r2(test):.3f}")
print(f"train R2 {r2(train[:500]):.3f}  test R2 {r2(test):.3f}")
