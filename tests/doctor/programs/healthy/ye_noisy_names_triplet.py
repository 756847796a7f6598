# -*- coding: utf-8 -*-
"""Match misspelt company names to the register: char CNN + triplet loss with the hardest negative of the batch.
Scored on names that training never saw."""
import random, string
import torch
from torch import nn
import torch.nn.functional as F

random.seed(23); torch.manual_seed(23)
A = string.ascii_lowercase + " "
W = 22


def name():
    syl = lambda: random.choice("bcdfghklmnprstvw") + random.choice("aeiou") + random.choice(["", "", "n", "r", "s", "l"])
    return "".join(syl() for _ in range(random.randint(2, 3))) + " " + "".join(syl() for _ in range(2)) + \
        random.choice([" ltd", " inc", " group", " co", ""])


def typo(s):
    s = list(s)
    for _ in range(random.randint(1, 3)):
        k, i = random.randrange(4), random.randrange(len(s) - 1)
        if k == 0: s[i] = random.choice(A)
        elif k == 1: del s[i]
        elif k == 2: s.insert(i, random.choice(A))
        else: s[i], s[i + 1] = s[i + 1], s[i]
    return "".join(s)


def enc(strings):
    t = torch.zeros(len(strings), W, dtype=torch.long)         # 0 stands for "nothing here"
    for r, s in enumerate(strings):
        for c, ch in enumerate(s[:W]):
            t[r, c] = A.index(ch) + 1
    return t


class NameNet(nn.Module):
    def __init__(self, d=12, ch=40, out=32):
        super().__init__()
        self.e = nn.Embedding(len(A) + 1, d, padding_idx=0)
        self.c2, self.c3 = nn.Conv1d(d, ch, 2, padding=1), nn.Conv1d(d, ch, 3, padding=1)
        self.o = nn.Linear(2 * ch, out)

    def forward(self, x):
        x = self.e(x).transpose(1, 2)
        h = torch.cat([self.c2(x).amax(2), self.c3(x).amax(2)], 1)
        return F.normalize(self.o(torch.tanh(h)), dim=1, eps=1e-6)


names = list({name() for _ in range(2100)})
names.sort(); random.shuffle(names)
train, unseen = names[:1600], names[1600:2000]
net = NameNet()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
probe = {"train": (enc(train[:400]), enc([typo(s) for s in train[:400]])),
         "unseen": (enc(unseen), enc([typo(s) for s in unseen]))}


def recall(which):
    net.eval()
    with torch.no_grad():
        reg, qry = (net(x) for x in probe[which])
    return ((qry @ reg.T).argmax(1) == torch.arange(len(qry))).float().mean().item()


print("untrained recall@1 %.3f" % recall("unseen"))
for ep in range(5):
    net.train()
    random.shuffle(order := list(train))
    s = active = steps = 0
    for i in range(0, len(order), 50):
        clean = order[i:i + 50]
        a, p = net(enc([typo(n) for n in clean])), net(enc(clean))
        sim = a @ p.T
        pos = sim.diagonal()
        neg = sim.masked_fill(torch.eye(len(clean), dtype=torch.bool), -2.0).max(1)[0]
        loss = F.relu(0.3 + neg - pos).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item(); steps += 1
        active += (neg + 0.3 > pos).float().mean().item()
    sch.step()
    print("epoch %d triplet loss %.4f active %.2f recall@1 train %.3f unseen %.3f" % (ep + 1, s / steps, active / steps, recall("train"), recall("unseen")))
