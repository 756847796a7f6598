"""Which language is this snippet?  Four languages, 30 characters, hashed character n-grams.

No nn.Module anywhere: the parameters are a plain dict and Adam is written out by hand,
because I wanted to see every tensor that moves.
"""
import gzip
import math
import os
import random
import zlib

import torch
import torch.nn.functional as F

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
rng = random.Random(11)
torch.manual_seed(11)


def lines(name):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as fh:
        return [x.strip() for x in fh]


def snippet(text, width=30):
    start = rng.randrange(max(1, len(text) - width + 1))
    return text[start:start + width].lower()


def grams(text):
    out = []
    padded = " " + text + " "
    for n in (1, 2, 3):
        out += [zlib.crc32(padded[i:i + n].encode("utf-8")) % BUCKETS for i in range(len(padded) - n + 1)]
    return out


def make(split, lo, count):
    rows = []
    for k, lang in enumerate(LANGS):
        # a different stretch of the file for each language: no translations of one caption in both
        src = lines(f"{split}.{lang}.gz")
        step = lo + k * count
        rows += [(grams(snippet(s)), k) for s in src[step:step + count]]
    rng.shuffle(rows)
    return rows


train, held = make("train", 0, 900), make("val", 0, 240)


def pack(rows):
    flat = torch.tensor([g for r, _ in rows for g in r])
    sizes = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return flat, sizes, torch.tensor([y for _, y in rows])


P = {
    "table": torch.randn(BUCKETS, 16) * 0.1,
    "w1": torch.randn(16, 32) / 4.0,
    "b1": torch.zeros(32),
    "w2": torch.randn(32, len(LANGS)) / math.sqrt(32),
    "b2": torch.zeros(len(LANGS)),
}
for t in P.values():
    t.requires_grad_(True)
M = {k: torch.zeros_like(v) for k, v in P.items()}
V = {k: torch.zeros_like(v) for k, v in P.items()}


def forward(p, flat, offsets):
    x = F.embedding_bag(flat, p["table"], offsets, mode="mean")
    h = torch.tanh(x @ p["w1"] + p["b1"])
    return h @ p["w2"] + p["b2"]


def adam(grads, t, lr=5e-3, b1=0.9, b2=0.999, eps=1e-8):
    with torch.no_grad():
        for (name, p), g in zip(P.items(), grads):
            M[name].mul_(b1).add_(g, alpha=1 - b1)
            V[name].mul_(b2).addcmul_(g, g, value=1 - b2)
            mhat = M[name] / (1 - b1 ** t)
            vhat = V[name] / (1 - b2 ** t)
            p -= lr * mhat / (vhat.sqrt() + eps)


def score(rows):
    flat, off, y = pack(rows)
    with torch.no_grad():
        out = forward(P, flat, off)
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


t = 0
for epoch in range(5):
    rng.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 60):
        flat, off, y = pack(train[i:i + 60])
        loss = F.cross_entropy(forward(P, flat, off), y)
        grads = torch.autograd.grad(loss, list(P.values()))
        t += 1
        adam(grads, t)
        total += loss.item() * len(y)
    print(f"epoch {epoch}  train loss {total / len(train):.4f}  held-out loss/acc %.4f / %.4f" % score(held))
print("train acc %.4f" % score(train)[1])
