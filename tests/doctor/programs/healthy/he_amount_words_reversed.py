"""Amounts written in words to digits ("nine hundred and six" -> 906). The source is read backwards (Sutskever 2014) and the digits come out from
the right; scheduled sampling, LSTMCell loop."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(71)
torch.manual_seed(71)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def words(n):
    if n >= 1000:
        return words(n // 1000) + ["thousand"] + (words(n % 1000) if n % 1000 else [])
    if n >= 100:
        return [ONES[n // 100], "hundred"] + (["and"] + words(n % 100) if n % 100 else [])
    return [ONES[n]] if n < 20 else [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])


vocab = {w: i + 1 for i, w in enumerate(ONES + TENS[2:] + ["hundred", "thousand", "and"])}
STOP, GO, PAD = 10, 11, 12                      # digits are themselves
numbers = random.sample(range(100, 20000), 3200)
train, dev = numbers[:2800], numbers[2800:]


def batch(ns):
    src = [[vocab[w] for w in words(n)][::-1] for n in ns]
    tgt = [[int(c) for c in str(n)[::-1]] + [STOP] for n in ns]
    x = torch.zeros(len(ns), max(map(len, src)), dtype=torch.long)
    y = torch.full((len(ns), 6), PAD)
    for i, (s, t) in enumerate(zip(src, tgt)):
        x[i, :len(s)] = torch.tensor(s)
        y[i, :len(t)] = torch.tensor(t)
    return x, torch.tensor([len(s) for s in src]), y


class Amounts(nn.Module):
    def __init__(self, h=80):
        super().__init__()
        self.src = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.enc = nn.LSTM(24, h, batch_first=True)
        self.tgt = nn.Embedding(13, 16, padding_idx=PAD)
        self.cell = nn.LSTMCell(16, h)
        self.out = nn.Linear(h, 11)

    def forward(self, x, lens, y=None, forced=0.0):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), lens, batch_first=True, enforce_sorted=False)
        _, (h, c) = self.enc(packed)
        h, c = h[0], c[0]
        tok = torch.full((len(x),), GO)
        steps = []
        for t in range(6):
            h, c = self.cell(self.tgt(tok), (h, c))
            steps.append(self.out(h))
            guess = steps[-1].detach().argmax(-1)
            tok = torch.where(torch.rand(len(x)) < forced, y[:, t], guess) if y is not None else guess
        return torch.stack(steps, 1)


def read(model, ns):
    x, lens, _ = batch(ns)
    with torch.no_grad():
        out = model(x, lens).argmax(-1).tolist()
    res = []
    for ids in out:
        ids = ids[:ids.index(STOP)] if STOP in ids else ids
        res.append("".join(map(str, ids[::-1])))
    return res


model = Amounts()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
EPOCHS = 13
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    random.shuffle(train)
    total = 0.0
    forced = max(0.5, 1.0 - 0.05 * epoch)
    for i in range(0, len(train), 40):
        x, lens, y = batch(train[i:i + 40])
        loss = F.cross_entropy(model(x, lens, y, forced).transpose(1, 2), y, ignore_index=PAD)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    sched.step()
    hyp = read(model, dev)
    print(f"epoch {epoch + 1:2d} forced {forced:.2f} loss {total / 70:.4f} exact {sum(h == str(n) for h, n in zip(hyp, dev)) / len(dev):.3f}")
