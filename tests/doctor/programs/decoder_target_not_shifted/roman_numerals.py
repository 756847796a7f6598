# Arabic -> Roman numerals with an encoder/decoder LSTM. python roman.py
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
random.seed(0)

ROMAN = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
LETTERS = ["<pad>", "<go>", "<stop>"] + list("MDCLXVI")
L2I = {c: i for i, c in enumerate(LETTERS)}
LONGEST = 14


def roman(n):
    s = ""
    for v, r in ROMAN:
        while n >= v:
            s, n = s + r, n - v
    return s


def encode(n):
    s = [L2I[c] for c in roman(n)] + [2]
    return [int(c) for c in f"{n:04d}"], [1] + s + [0] * (LONGEST + 1 - len(s))


numbers = [n for n in range(1, 3000) if len(roman(n)) <= LONGEST - 1]
random.shuffle(numbers)
data = [encode(n) for n in numbers]
SRC = torch.tensor([a for a, _ in data])
TGT = torch.tensor([b for _, b in data])
Ntest = 300


class Translator(nn.Module):
    def __init__(self, H=96):
        super().__init__()
        self.e1 = nn.Embedding(40, 16)
        self.e2 = nn.Embedding(len(LETTERS), 16)
        self.enc = nn.LSTM(16, H, batch_first=True)
        self.dec = nn.LSTM(16, H, batch_first=True)
        self.out = nn.Linear(H, len(LETTERS))

    def start(self, src):
        return self.enc(self.e1(src + 10 * torch.arange(4)))[1]

    def step(self, y, state):
        o, state = self.dec(self.e2(y), state)
        return self.out(o), state

    @torch.no_grad()
    def greedy(self, src):
        state, y, res = self.start(src), torch.ones(len(src), 1, dtype=torch.long), []
        for _ in range(LONGEST + 1):
            o, state = self.step(y, state)
            y = o.argmax(-1)
            res.append(y)
        return torch.cat(res, 1)


def words(t):
    return ["".join(LETTERS[i] for i in row).split("<stop>")[0] for row in t.tolist()]


net = Translator()
optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
test_src, test_ref = SRC[:Ntest], [roman(n) for n in numbers[:Ntest]]
for epoch in range(12):
    perm = torch.randperm(len(SRC) - Ntest) + Ntest
    total = 0.0
    for b in perm.split(64):
        tgt = TGT[b]
        # fault:
        dec_in, gold = tgt[:, 1:], tgt[:, 1:]
        # mended:
        # dec_in, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        o, _ = net.step(dec_in, net.start(SRC[b]))
        loss = F.cross_entropy(o.reshape(-1, len(LETTERS)), gold.reshape(-1), ignore_index=0)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(b)
    hyp = words(net.greedy(test_src))
    print("epoch", epoch, "loss %.4f" % (total / len(perm)), "test exact match %.3f" % (sum(h == r for h, r in zip(hyp, test_ref)) / Ntest))
