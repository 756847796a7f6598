"""Clock times in words to digits, GRU with attention, scheduled sampling; free-running decoding for the score."""
import random

import torch
from torch import nn

random.seed(47)
torch.manual_seed(47)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}


def number(n):
    return [ONES[n]] if n < 20 else [TENS[n // 10 * 10]] + ([ONES[n % 10]] if n % 10 else [])


def spoken(h, m):
    if m == 0:
        return number(h) + ["oclock"]
    return number(h) + (["oh"] if m < 10 else []) + number(m)


pairs = [(spoken(h, m), f"{h:02d}:{m:02d}$") for h in range(24) for m in range(60)]
random.shuffle(pairs)
src = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in pairs for w in s}))}
tgt = {c: i for i, c in enumerate("^0123456789:$")}
chars = list(tgt)


def tensors(ps):
    x = nn.utils.rnn.pad_sequence([torch.tensor([src[w] for w in s]) for s, _ in ps], batch_first=True)
    return x, torch.tensor([[tgt[c] for c in t] for _, t in ps])


class Clock(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.se, self.te = nn.Embedding(len(src) + 1, d, padding_idx=0), nn.Embedding(len(tgt), d)
        self.enc = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(3 * d, d)
        self.query, self.out = nn.Linear(d, 2 * d), nn.Linear(3 * d, len(tgt))

    def forward(self, x, y=None, truth=1.0):
        n = (x > 0).sum(1)
        o, _ = self.enc(nn.utils.rnn.pack_padded_sequence(self.se(x), n, batch_first=True, enforce_sorted=False))
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        h, prev, steps = o.new_zeros(len(x), o.size(2) // 2), torch.zeros(len(x), dtype=torch.long), []
        for t in range(6):
            w = (o @ self.query(h).unsqueeze(2)).squeeze(2).masked_fill(x == 0, -1e9).softmax(1)
            ctx = (w.unsqueeze(1) @ o).squeeze(1)
            h = self.cell(torch.cat([self.te(prev), ctx], 1), h)
            z = self.out(torch.cat([h, ctx], 1))
            steps.append(z)
            prev = z.argmax(1)
            if y is not None:
                prev = torch.where(torch.rand(len(x)) < truth, y[:, t], prev)
        return torch.stack(steps, 1)


dev, train = pairs[:240], pairs[240:]
model = Clock()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(9):
    random.shuffle(train)
    for i in range(0, len(train), 40):
        x, y = tensors(train[i : i + 40])
        loss = nn.functional.cross_entropy(model(x, y, truth=1 - 0.05 * epoch).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        x, y = tensors(dev)
        hit = (model(x).argmax(2) == y).all(1).float().mean().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch} loss {loss.item():.4f} times right {hit:.3f}")
