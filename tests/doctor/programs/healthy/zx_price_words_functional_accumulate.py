# Functional PyTorch: no nn.Module, a dict of tensors. One text at a time (batch size one!), gradients of 16 texts are
# added up before a step. Adagrad. Task: which of two quoted offers is cheaper, given number words.
import math
import random

import torch
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)

UNITS = 'one two three four five six seven eight nine'.split()
TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split()
SHOPS = 'north south east west'.split()
GOODS = 'bread milk tea rice soap'.split()
VOCAB = UNITS + TENS + SHOPS + GOODS + ['sells', 'for', 'but', 'asks', 'only', 'about', 'now']
ID = {w: i for i, w in enumerate(VOCAB)}


def number():
    t, u = random.randrange(len(TENS)), random.randrange(len(UNITS))
    return (t + 2) * 10 + u + 1, [TENS[t], UNITS[u]]


def offer():
    (a, wa), (b, wb) = number(), number()
    while abs(a - b) < 3:
        b, wb = number()
    s = random.sample(SHOPS, 2)
    left = [s[0], 'sells', random.choice(GOODS), 'for'] + random.choices(['only', 'about', 'now'], k=random.randint(0, 2)) + wa
    right = [s[1], 'asks'] + random.choices(['only', 'about', 'now'], k=random.randint(0, 2)) + wb
    return tuple(left), tuple(right), float(a < b)


rows = list({offer() for _ in range(1400)})
rows.sort()
random.shuffle(rows)
train, dev = rows[:1100], rows[1100:]
train = [(torch.tensor([ID[w] for w in l]), torch.tensor([ID[w] for w in r]), torch.tensor(y)) for l, r, y in train]
dev = [(torch.tensor([ID[w] for w in l]), torch.tensor([ID[w] for w in r]), torch.tensor(y)) for l, r, y in dev]

D = 8
P = {
    'E': torch.randn(len(VOCAB), D) * .3,
    'q': torch.randn(D) * .3,                       # attention query
    'W': torch.randn(D, 8) / math.sqrt(D),
    'b': torch.zeros(8),
    'v': torch.randn(8) * .3,
}
for t in P.values():
    t.requires_grad_()


def worth(p, ids):
    """weighted sum of the words of an offer -> one number"""
    e = p['E'][ids]
    gate = torch.sigmoid(e @ p['q'])                # each word decides whether it counts
    h = torch.tanh(e @ p['W'] + p['b'])
    return (gate.unsqueeze(1) * h).sum(0) @ p['v']


def logit(p, left, right):
    return worth(p, right) - worth(p, left)


opt = torch.optim.Adagrad(P.values(), lr=.15)
ACC = 16
for epoch in range(4):
    random.shuffle(train)
    total = 0.
    for n, (l, r, y) in enumerate(train, 1):
        loss = F.binary_cross_entropy_with_logits(logit(P, l, r), y)
        (loss / ACC).backward()
        total += loss.item()
        if n % ACC == 0 or n == len(train):
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        acc = []
        for part in (train, dev):
            z = torch.stack([logit(P, l, r) for l, r, _ in part])
            y = torch.stack([y for *_, y in part])
            acc.append(((z > 0) == (y > 0)).float().mean().item())
    print(f'epoch {epoch + 1}: loss {total / len(train):.3f}, train {acc[0]:.3f}, dev {acc[1]:.3f}')
print('learned worth of', ', '.join(f'{w}: {worth(P, torch.tensor([ID[w]])).item():.2f}' for w in ('twenty', 'fifty', 'ninety', 'one', 'nine')))
