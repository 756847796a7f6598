#!/usr/bin/env python
# Categorise lines of a bank statement, e.g. "CARD 4411 REWE SAGT DANKE 0392 BERLIN". Character CNN.
import random, string
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(9); torch.manual_seed(9)
SHOPS = dict(
    groceries=['rewe markt', 'lidl', 'aldi sued', 'tesco express', 'carrefour', 'edeka', 'coop'],
    travel=['db vertrieb', 'ryanair', 'uber trip', 'lufthansa', 'flixbus', 'shell station'],
    fun=['netflix.com', 'spotify', 'steam games', 'cineplex', 'audible', 'disney plus'],
    home=['stadtwerke', 'vodafone', 'ikea', 'bauhaus', 'telekom', 'o2 mobile'])
CATS = sorted(SHOPS)
CITIES = ['berlin', 'koeln', 'london', 'dublin', 'amsterdam', 'wien', 'paris', 'luxembourg', 'hamburg']
ALPHA = string.ascii_uppercase + string.digits + ' .*/-'
C2I = {c: i + 1 for i, c in enumerate(ALPHA)}
WIDTH = 44

def messy(s):
    s = s.upper()
    if random.random() < .15:                    # bank cuts or joins words
        s = s.replace(' ', '')
    if random.random() < .15:
        s = s.replace(' ', '*')
    if random.random() < .12:
        k = random.randrange(1, len(s)); s = s[:k] + random.choice(string.ascii_uppercase) + s[k + 1:]
    return s

def line():
    cat = random.randrange(len(CATS))
    parts = [messy(random.choice(SHOPS[CATS[cat]]))]
    if random.random() < .6: parts.insert(0, random.choice(['CARD', 'SEPA', 'POS', 'LASTSCHRIFT']))
    if random.random() < .7: parts.append(''.join(random.choices(string.digits, k=random.randint(3, 7))))
    if random.random() < .6: parts.append(random.choice(CITIES).upper())
    return ' '.join(parts)[:WIDTH], cat

lines = {}
while len(lines) < 2000:
    t, c = line()
    lines[t] = c
data = list(lines.items()); random.shuffle(data)

def to_tensor(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([C2I[c] for c in t])
    return x, torch.tensor([c for _, c in rows])

Xtr, Ytr = to_tensor(data[:1600])
Xte, Yte = to_tensor(data[1600:])

class CharCNN(nn.Module):
    def __init__(s):
        super().__init__()
        s.e = nn.Embedding(len(ALPHA) + 1, 16, padding_idx=0)
        s.c3 = nn.Conv1d(16, 24, 3, padding=1)
        s.c5 = nn.Conv1d(16, 24, 5, padding=2)
        s.d = nn.Dropout(.2)
        s.o = nn.Linear(48, len(CATS))
    def forward(s, x):
        pad = (x == 0)[:, None]
        h = s.e(x).transpose(1, 2)
        pooled = [F.relu(c(h)).masked_fill(pad, 0.).amax(-1) for c in (s.c3, s.c5)]
        return s.o(s.d(torch.cat(pooled, 1)))

net = CharCNN()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
N_EP = 4
lr_at = lambda e: 1.0 if e < 3 else .3
sch = torch.optim.lr_scheduler.LambdaLR(opt, lr_at)

def report(X, Y):
    net.eval()
    with torch.no_grad(): p = net(X)
    return F.cross_entropy(p, Y).item(), (p.argmax(1) == Y).float().mean().item()

for ep in range(N_EP):
    net.train()
    for b in torch.randperm(len(Xtr)).split(50):
        opt.zero_grad()
        F.cross_entropy(net(Xtr[b]), Ytr[b], label_smoothing=.05).backward()
        opt.step()
    sch.step()
    print('ep %d  train loss %.3f acc %.3f | test loss %.3f acc %.3f' % ((ep,) + report(Xtr, Ytr) + report(Xte, Yte)))
