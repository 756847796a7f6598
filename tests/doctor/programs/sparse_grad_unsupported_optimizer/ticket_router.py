#!/usr/bin/env python3
"""Route support tickets to a team with a bag of hashed n-grams."""
import zlib
import numpy as np
import torch
from torch import nn
from sklearn.metrics import f1_score

SEED = 2024
torch.manual_seed(SEED)
R = np.random.default_rng(SEED)

TEAMS = {
    "billing": "invoice refund charge card payment receipt tax discount price overcharged subscription renewal".split(),
    "network": "wifi router latency vpn timeout dns packet drop connection firewall proxy bandwidth".split(),
    "hardware": "screen battery keyboard fan charger cable broken noise hinge overheats mouse dock".split(),
    "accounts": "password login locked reset username permission access role invite mfa token profile".split(),
}
NAMES = list(TEAMS)
FILL = "hello please the my is not working since yesterday help with it again thanks we cannot urgent team need a".split()


def ticket():
    t = R.integers(len(NAMES))
    words = list(R.choice(FILL, R.integers(4, 10)))
    words += list(R.choice(TEAMS[NAMES[t]], R.integers(1, 4)))
    if R.random() < 0.35:
        words.append(R.choice(TEAMS[NAMES[R.integers(len(NAMES))]]))
    R.shuffle(words)
    return words, int(t)


BUCKETS = 4096


def features(words):
    grams = words + [a + "_" + b for a, b in zip(words, words[1:])]
    return [zlib.crc32(gr.encode()) % BUCKETS for gr in grams]


def pack(rows):
    flat, offs, ys = [], [], []
    for ws, y in rows:
        offs.append(len(flat))
        flat.extend(features(ws))
        ys.append(y)
    return torch.tensor(flat), torch.tensor(offs), torch.tensor(ys)


tickets = [ticket() for _ in range(5000)]
train, valid = tickets[:4200], tickets[4200:]

bag = nn.EmbeddingBag(BUCKETS, 24, mode="mean", sparse=True)
head = nn.Linear(24, len(NAMES))
# fault:
optim = torch.optim.Adagrad([*bag.parameters(), *head.parameters()], lr=0.1, weight_decay=1e-5)
# mended:
# optim = torch.optim.Adagrad([*bag.parameters(), *head.parameters()], lr=0.1)
# end
xent = nn.CrossEntropyLoss()

vf, vo, vy = pack(valid)
for ep in range(1, 6):
    R.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 60):
        f, o, y = pack(train[k:k + 60])
        loss = xent(head(bag(f, o)), y)
        optim.zero_grad(set_to_none=True)
        loss.backward()
        optim.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        guess = head(bag(vf, vo)).argmax(-1)
    print(f"[{ep}] train loss {total / len(train):.3f}  valid macro-F1 {f1_score(vy, guess, average='macro'):.3f}")
