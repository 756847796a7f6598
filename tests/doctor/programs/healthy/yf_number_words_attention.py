"""Seq2seq with dot-product attention: "four hundred and two" -> 4 0 2. Free-running greedy decoding at evaluation."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


numbers = random.sample(range(100, 10000), 2800)
train, test = numbers[:2400], numbers[2400:]
src_v = {w: i + 1 for i, w in enumerate(ONES + TENS[2:] + ["hundred", "and", "thousand"])}
SOS, EOS, PAD = 10, 11, -100


def batch(ns):
    s = [[src_v[w] for w in spell(n)] for n in ns]
    t = [[int(c) for c in str(n)] + [EOS] for n in ns]
    S, T = max(map(len, s)), max(map(len, t))
    return (torch.tensor([r + [0] * (S - len(r)) for r in s]), torch.tensor([len(r) for r in s]),
            torch.tensor([r + [PAD] * (T - len(r)) for r in t]))


class Seq2Seq(nn.Module):
    def __init__(self, d=24, h=48):
        super().__init__()
        self.src = nn.Embedding(len(src_v) + 1, d, padding_idx=0)
        self.tgt = nn.Embedding(12, d)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(2 * h, 12)

    def encode(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.src(x), n, batch_first=True, enforce_sorted=False)
        o, hn = self.enc(p)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return o, torch.cat([hn[0], hn[1]], 1).unsqueeze(0), (x == 0)

    def decode(self, y, state, mem, pad):
        o, state = self.dec(self.tgt(y), state)
        a = (o @ mem.transpose(1, 2) / mem.size(-1) ** 0.5).masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([o, a @ mem], -1)), state


def exact(model, ns):
    model.eval()
    with torch.no_grad():
        x, n, _ = batch(ns)
        mem, st, pad = model.encode(x, n)
        y, outs = torch.full((len(ns), 1), SOS), []
        for _ in range(6):
            z, st = model.decode(y, st, mem, pad)
            y = z.argmax(-1)
            outs.append(y)
        rows = torch.cat(outs, 1).tolist()
    right = 0
    for r, n in zip(rows, ns):
        r = r[:r.index(EOS)] if EOS in r else r
        right += r == [int(c) for c in str(n)]
    return right / len(ns)


model = Seq2Seq()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7)
for epoch in range(7):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 48):
        x, n, y = batch(train[i:i + 48])
        inp = torch.cat([torch.full((len(y), 1), SOS), y[:, :-1].clamp(min=0)], 1)
        mem, st, pad = model.encode(x, n)
        z, _ = model.decode(inp, st, mem, pad)
        loss = F.cross_entropy(z.transpose(1, 2), y, ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    print(f"epoch {epoch + 1}  lr {scheduler.get_last_lr()[0]:.4f}  loss {total / (len(train) / 48):.4f}  exact match {exact(model, test):.4f}")
print("train exact %.4f" % exact(model, train[:400]))
