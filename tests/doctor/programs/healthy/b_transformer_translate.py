"""Number words to digits with an encoder-decoder Transformer, label smoothing and warm-up."""
import random
import zlib

import torch
from torch import nn

random.seed(302)
torch.manual_seed(302)
WORDS = "zero one two three four five six seven eight nine".split()
s2i = {w: i + 1 for i, w in enumerate(WORDS + ["double"])}


def pair():
    said, digits = [], []
    for _ in range(random.randint(2, 4)):
        d = random.randrange(10)
        if random.random() < 0.3:
            said += ["double", WORDS[d]]
            digits += [d, d]
        else:
            said.append(WORDS[d])
            digits.append(d)
    return said, digits


def held_out(tokens):
    return zlib.crc32(" ".join(tokens).encode()) % 5 == 0


def fresh(n, dev):
    rows = []
    while len(rows) < n:
        row = pair()
        if held_out(row[0]) == dev:
            rows.append(row)
    return rows


def batch(n, dev=False):
    rows = fresh(n, dev)
    x = nn.utils.rnn.pad_sequence([torch.tensor([s2i[w] for w in s]) for s, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([1] + [d + 3 for d in t] + [2]) for _, t in rows], batch_first=True)
    return x, y


class Dial(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.a, self.b = nn.Embedding(12, d, padding_idx=0), nn.Embedding(13, d, padding_idx=0)
        self.p = nn.Parameter(torch.randn(12, d) * 0.3)
        self.t = nn.Transformer(d, 4, 1, 1, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.o = nn.Linear(d, 13)

    def forward(self, x, y):
        causal = torch.ones(y.size(1), y.size(1)).triu(1).bool()
        h = self.t(self.a(x) + self.p[: x.size(1)], self.b(y) + self.p[: y.size(1)], tgt_mask=causal, src_key_padding_mask=x == 0, memory_key_padding_mask=x == 0, tgt_key_padding_mask=y == 0)
        return self.o(h)


model = Dial()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 30))
ce = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1)
for step in range(1, 241):
    x, y = batch(32)
    loss = ce(model(x, y[:, :-1]).flatten(0, 1), y[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    warm.step()
    if step % 60 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, y = batch(200, dev=True)
    out = torch.ones(200, 1, dtype=torch.long)
    for _ in range(y.size(1) - 1):
        out = torch.cat([out, model(x, out)[:, -1:].argmax(-1)], 1)
ok = ((out == y) | (y == 0)).all(1).float().mean().item()
print("numbers right", ok)
