"""Spell out numbers: GRU encoder-decoder with attention, teacher forcing for training, greedy decoding for the score."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

random.seed(3)
torch.manual_seed(3)
ones = "zero one two three four five six seven eight nine".split()
tens = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, BOS, EOS = 0, 1, 2


def spell(n):
    h, r = divmod(n, 100)
    t, o = divmod(r, 10)
    out = [ones[h], "hundred"] if h else []
    out += [tens[t]] if t > 1 else []
    return out + ([ones[o]] if o or not out else [])


numbers = [n for n in range(20, 1000) if n % 100 == 0 or n % 100 >= 20 or n % 100 < 10]
random.shuffle(numbers)
tgt = {w: i + 3 for i, w in enumerate(ones + tens[2:] + ["hundred"])}
src = {c: i + 1 for i, c in enumerate("0123456789")}


def batch(ns):
    x = pad_sequence([torch.tensor([src[c] for c in str(n)]) for n in ns], batch_first=True)
    y = pad_sequence([torch.tensor([BOS] + [tgt[w] for w in spell(n)] + [EOS]) for n in ns], batch_first=True)
    return x, y


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src = nn.Embedding(11, d, padding_idx=PAD)
        self.tgt = nn.Embedding(len(tgt) + 3, d, padding_idx=PAD)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(tgt) + 3)

    def encode(self, x):
        n = (x != PAD).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.src(x), n, batch_first=True, enforce_sorted=False)
        h, s = self.enc(p)
        return nn.utils.rnn.pad_packed_sequence(h, batch_first=True)[0], s

    def step(self, y, memory, mask, s):
        h, s = self.dec(self.tgt(y), s)
        w = (h @ memory.transpose(1, 2)).masked_fill(~mask.unsqueeze(1), -1e9).softmax(2)
        return self.out(torch.cat([h, w @ memory], 2)), s

    def greedy(self, x, limit=6):
        memory, s = self.encode(x)
        y, outs = torch.full((len(x), 1), BOS), []
        for _ in range(limit):
            logits, s = self.step(y, memory, x != PAD, s)
            y = logits.argmax(2)
            outs.append(y)
        return torch.cat(outs, 1)


train, dev = numbers[:660], numbers[660:]
xd, yd = batch(dev)
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(14):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 30):
        x, y = batch(train[i : i + 30])
        memory, s = model.encode(x)
        logits, _ = model.step(y[:, :-1], memory, x != PAD, s)
        loss = F.cross_entropy(logits.transpose(1, 2), y[:, 1:], ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        got = model.greedy(xd).tolist()
    words = [g[: g.index(EOS)] if EOS in g else g for g in got]
    exact = sum(w == [tgt[t] for t in spell(n)] for w, n in zip(words, dev)) / len(dev)
    print(f"epoch {epoch} loss {loss.item():.4f} exact match {exact:.4f}")
