#!/usr/bin/env python3
# Toy reading task: a log of "key value" tokens; the query is a key, and every value written after that key is an answer.
# The loss is -log of the probability that falls on ANY right position (distant supervision, Clark & Gardner style).
import random
import torch
import torch.nn as nn

random.seed(2)
torch.manual_seed(2)
KEYS, VALUES, FILL = 15, 30, 25
N = 1 + KEYS + VALUES + FILL


def example():
    k = random.randrange(1, KEYS + 1)
    seq, right = [], []
    for _ in range(random.randint(4, 8)):
        key = k if random.random() < .25 else random.randrange(1, KEYS + 1)
        seq += [KEYS + VALUES + random.randint(1, FILL) for _ in range(random.randint(0, 2))]
        seq.append(key)
        if random.random() < .3:                        # something may stand in between
            seq.append(KEYS + VALUES + random.randint(1, FILL))
        seq.append(KEYS + random.randint(1, VALUES))
        if key == k:
            right.append(len(seq) - 1)
    if not right:
        return example()
    return k, seq, right


def tensors(rows):
    T = max(len(s) for _, s, _ in rows)
    q = torch.tensor([k for k, _, _ in rows])
    x = torch.zeros(len(rows), T, dtype=torch.long)
    gold = torch.zeros(len(rows), T, dtype=torch.bool)
    for i, (_, s, r) in enumerate(rows):
        x[i, :len(s)] = torch.tensor(s)
        gold[i, r] = True
    return q, x, gold


class Reader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(N, d, padding_idx=0)
        self.back = nn.Conv1d(d, 2 * d, 3)               # looks at itself and two tokens to the left
        self.point = nn.Linear(d, d, bias=False)

    def forward(self, q, x):
        e = nn.functional.pad(self.tok(x).transpose(1, 2), (2, 0))
        h = nn.functional.glu(self.back(e), 1)            # B, d, T
        s = torch.bmm(self.point(self.tok(q)).unsqueeze(1), h).squeeze(1)
        return s.masked_fill(x == 0, float('-inf')).log_softmax(1)


train = [example() for _ in range(2400)]
test = [example() for _ in range(400)]
reader = Reader()
opt = torch.optim.Adam(reader.parameters(), lr=8e-3)
for epoch in range(5):
    random.shuffle(train)
    seen = 0.
    for i in range(0, len(train), 40):
        q, x, gold = tensors(train[i:i + 40])
        lp = reader(q, x)
        loss = -lp.masked_fill(~gold, float('-inf')).logsumexp(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += loss.item() * len(q)
    for grp in opt.param_groups:
        grp['lr'] *= .75
    with torch.no_grad():
        q, x, gold = tensors(test)
        lp = reader(q, x)
        mass = (lp.exp() * gold).sum(1).mean()
        hit = gold.gather(1, lp.argmax(1, keepdim=True)).float().mean()
    print(f'{epoch} marginal nll {seen / len(train):.4f} | test: mass on right places {mass:.3f}, top place right {hit:.3f}')
last = sum(max(i for i, t in enumerate(s) if KEYS < t <= KEYS + VALUES) in r for _, s, r in test) / len(test)
print(f'always taking the last value: {last:.3f}')
