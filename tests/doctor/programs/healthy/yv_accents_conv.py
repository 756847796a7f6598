"""Put the accents back on French: the input is stripped to plain ASCII letters, the target of each position is the
accent that was there (none, acute, grave, circumflex, diaeresis, cedilla). Convolutions over characters,
blanks on both sides of each sentence as context."""
import gzip
import itertools
import os
import unicodedata

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

MARKS = {"\u0301": 1, "\u0300": 2, "\u0302": 3, "\u0308": 4, "\u0327": 5}
CHARS = " abcdefghijklmnopqrstuvwxyz'-,.?!"
SIDE = 6


def decompose(sentence):
    base, mark = [], []
    for ch in unicodedata.normalize("NFD", sentence.lower().replace("\u2019", "'").replace("\u0153", "oe")):
        if ch in MARKS:
            mark[-1] = MARKS[ch]
        elif not unicodedata.combining(ch):
            base.append(max(CHARS.find(ch), 0))     # anything exotic (digits, nbsp) counts as a blank
            mark.append(0)
    return base, mark


def load():
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as f:
        fr = [l.rstrip("\n").split("\t")[1] for l in itertools.islice(f, 40000, 90000, 20)]
    fr = sorted(set(fr))
    np.random.RandomState(0).shuffle(fr)
    return [decompose(s) for s in fr]


def make_batch(items):
    width = max(len(b) for b, _ in items) + 2 * SIDE
    x = np.zeros((len(items), width), np.int64)
    y = np.full((len(items), width), -100, np.int64)
    for i, (b, m) in enumerate(items):
        x[i, SIDE:SIDE + len(b)] = b
        # only vowels and c can carry a mark, the rest is not asked
        y[i, SIDE:SIDE + len(b)] = [k if CHARS[c] in "aeiouc" else -100 for c, k in zip(b, m)]
    return torch.from_numpy(x), torch.from_numpy(y)


class Restorer(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.char = nn.Embedding(len(CHARS), 16)
        self.inp = nn.Conv1d(16, width, 7, padding=3)
        self.mid = nn.Conv1d(width, width, 5, padding=2)
        self.out = nn.Conv1d(width, 6, 1)

    def forward(self, x):
        h = F.relu(self.inp(self.char(x).transpose(1, 2)))
        h = h + F.relu(self.mid(h))
        return self.out(h)


def main():
    torch.manual_seed(0)
    data = load()
    dev, train = data[:300], data[300:]
    dev_x, dev_y = make_batch(dev)
    asked = dev_y != -100
    marked = asked & (dev_y > 0)
    net = Restorer()
    epochs = 5
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, epochs, power=1.0)
    print(f"{len(train)} sentences, {1 - (marked.sum() / asked.sum()).item():.3f} of the letters carry no mark")
    for epoch in range(epochs):
        net.train()
        order = sorted(range(len(train)), key=lambda i: len(train[i][0]) + np.random.rand())  # buckets of like length
        batches = [order[i:i + 40] for i in range(0, len(order), 40)]
        np.random.shuffle(batches)
        losses = []
        for b in batches:
            x, y = make_batch([train[i] for i in b])
            loss = F.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            pred = net(dev_x).argmax(1)
        print(f"epoch {epoch} loss {np.mean(losses):.4f} dev letters {(pred == dev_y)[asked].float().mean():.4f} "
              f"recall of marks {(pred == dev_y)[marked].float().mean():.3f}")


if __name__ == "__main__":
    np.random.seed(1)
    main()
