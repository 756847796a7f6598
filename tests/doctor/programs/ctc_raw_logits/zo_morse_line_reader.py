#!/usr/bin/env python3
"""Toy line reader: a strip of 'ink' columns -> letters, trained with CTC.

Each letter has a fixed 6-pixel glyph column pattern that is stretched by 2..4 columns
and smeared with noise; between letters there may be white space.
"""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(5)
torch.manual_seed(5)
LETTERS = "abcdefghijklmno"
GLYPH = rng.randn(len(LETTERS), 12).astype("float32")
BLANK = 0


def render(word):
    cols = []
    for ch in word:
        for _ in range(rng.randint(2, 5)):
            cols.append(GLYPH[ch])
        for _ in range(rng.randint(1, 3)):
            cols.append(np.zeros(12, "float32"))
    strip = np.stack(cols)
    return strip + 0.35 * rng.randn(*strip.shape).astype("float32")


def make(n):
    out = []
    for _ in range(n):
        w = rng.randint(0, len(LETTERS), rng.randint(3, 7))
        out.append((torch.from_numpy(render(w)), torch.from_numpy(w + 1)))
    return out


def batchify(items):
    xs, ys = zip(*items)
    xl = torch.tensor([len(x) for x in xs])
    yl = torch.tensor([len(y) for y in ys])
    return nn.utils.rnn.pad_sequence(xs), xl, torch.cat(ys), yl


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(12, 64, 5, padding=2)
        self.mid = nn.Conv1d(64, 64, 3, padding=1)
        self.head = nn.Linear(64, len(LETTERS) + 1)

    def forward(self, x):                       # x: time, batch, pixels
        z = x.permute(1, 2, 0)
        z = torch.relu(self.conv(z))
        z = torch.relu(self.mid(z))
        z = self.head(z.permute(2, 0, 1))
        # fault:
        return z
        # mended:
        # return z.log_softmax(-1)
        # end


def decode(path):
    res, last = [], BLANK
    for p in path:
        if p != BLANK and p != last:
            res.append(p)
        last = p
    return res


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def cer(model, items):
    model.eval()
    err = tot = 0
    with torch.no_grad():
        for k in range(0, len(items), 100):
            x, xl, _, _ = batchify(items[k:k + 100])
            best = model(x).argmax(-1)
            for i, (_, y) in enumerate(items[k:k + 100]):
                err += distance(decode(best[:xl[i], i].tolist()), y.tolist())
                tot += len(y)
    return err / tot


train, test = make(1000), make(150)
model = Reader()
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
optim = torch.optim.Adam(model.parameters(), lr=0.006)
for epoch in range(4):
    model.train()
    order = rng.permutation(len(train))
    losses = []
    for k in range(0, len(order), 32):
        x, xl, y, yl = batchify([train[i] for i in order[k:k + 32]])
        loss = ctc(model(x), y, xl, yl)
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {np.mean(losses):.3f} test CER {cer(model, test):.3f}")
print(f"train CER {cer(model, train[:300]):.3f}")
