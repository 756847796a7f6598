"""Natural language inference on SNLI-like pairs; unlabelled pairs are marked and skipped."""
import random
import zlib

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(213)
torch.manual_seed(213)
UP = {"poodle": "dog", "oak": "tree", "salmon": "fish", "rose": "flower", "sedan": "car"}
ACT = "sleeps moves stands waits falls shines breaks turns".split()
EXTRA = "quietly alone outside again today".split()
LABELS = ["entailment", "neutral", "contradiction"]
UNLABELLED = 3


def pair():
    sub, act = random.choice(list(UP)), random.choice(ACT)
    y = random.randrange(3)
    premise = ["a", sub, act]
    if y == 0:
        hypo = ["a", UP[sub], act]
    elif y == 1:
        hypo = ["a", UP[sub], act, random.choice(EXTRA)]
    else:
        hypo = ["no", UP[sub], act]
    return premise, hypo, UNLABELLED if random.random() < 0.1 else y


def is_dev(row):
    return zlib.crc32(" ".join(row[0] + row[1]).encode()) % 6 == 0


pool = [pair() for _ in range(3600)]
rows = [r for r in pool if not is_dev(r)][:2000] + [r for r in pool if is_dev(r)][:400]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for p, h, _ in rows for w in p + h}))}
P = torch.tensor([[vocab[w] for w in p] for p, _, _ in rows])
H = torch.tensor([[vocab[w] for w in h] + [0] * (4 - len(h)) for _, h, _ in rows])
Y = torch.tensor([y for _, _, y in rows])
# fault:
SKIP = len(LABELS) - 1
Y[Y == UNLABELLED] = SKIP
# mended:
# SKIP = UNLABELLED
# end


class NLI(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.fc1 = nn.Linear(7 * d, 48)
        self.fc2 = nn.Linear(48, 3)

    def forward(self, p, h):
        return self.fc2(F.relu(self.fc1(torch.cat([self.emb(p), self.emb(h)], 1).flatten(1))))


model = NLI()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
truth = [[vocab[w] for w in h] for _, h, _ in rows[2000:]]
for epoch in range(4):
    total = 0.0
    for i in torch.randperm(2000).split(40):
        loss = F.cross_entropy(model(P[i], H[i]), Y[i], ignore_index=SKIP)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        guess = model(P[2000:], H[2000:]).argmax(1)
    gold = torch.tensor([2 if vocab["no"] in h else 1 if len(h) == 4 else 0 for h in truth])
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {(guess == gold).float().mean():.4f}")
