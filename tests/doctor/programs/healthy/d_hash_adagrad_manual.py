"""Spam-or-not style linear model with the hashing trick and Adagrad by hand. No nn, no optim.

IMDB polarity, one pass after another, weights in a single vector of 2**15.
"""
import gzip, os, random, re, zlib
import torch

random.seed(2); torch.manual_seed(2)
BITS, ETA, L2 = 15, 0.5, 3e-4
SIZE = 1 << BITS


def features(text):
    words = re.findall(r"[a-z]+", text.lower().replace("<br />", " "))[:250]
    return torch.tensor(sorted({zlib.crc32(w.encode()) & (SIZE - 1) for w in words}))


def load(split, every):
    rows = []
    with gzip.open(f"{os.environ['WORDFIT_DATA']}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as f:
        next(f)
        for k, line in enumerate(f):
            if k % every == 0:
                label, _, _, text = line.split("\t", 3)
                rows.append((features(text), float(label)))
    return rows


train, test = load("train", 7), load("test", 25)
print(len(train), "train", len(test), "test")

w = torch.zeros(SIZE, requires_grad=True)            # a linear model may start at zero
b = torch.zeros(1, requires_grad=True)
G = torch.full((SIZE,), 1e-2)
Gb = torch.full((1,), 1e-2)


def score(rows):
    idx = torch.cat([f for f, _ in rows])
    owner = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(f) for f, _ in rows]))
    norm = torch.tensor([len(f) ** 0.5 for f, _ in rows])
    return torch.zeros(len(rows)).index_add(0, owner, w[idx]) / norm + b


def report(rows):
    with torch.no_grad():
        y = torch.tensor([l for _, l in rows])
        s = score(rows)
        return ((s > 0).float() == y).float().mean().item()


for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 24):
        rows = train[k:k + 24]
        y = torch.tensor([l for _, l in rows])
        s = score(rows)
        loss = (torch.nn.functional.softplus(s) - s * y).mean() + 0.5 * L2 * (w * w).sum()
        gw, gb = torch.autograd.grad(loss, [w, b])
        with torch.no_grad():
            G += gw * gw
            Gb += gb * gb
            w -= ETA * gw / G.sqrt()
            b -= ETA * gb / Gb.sqrt()
        total += loss.item()
    print("pass %d loss %.4f train %.3f test %.3f" % (epoch, total / (k // 24 + 1), report(train), report(test)))
