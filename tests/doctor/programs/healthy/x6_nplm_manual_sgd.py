# Bengio-style character model, parameters in a dict, plain SGD by hand with a linearly falling rate.
import gzip
import math
import os
import string

import torch
import torch.nn.functional as F

CTX, EMB, HID, BATCH, STEPS = 4, 12, 64, 128, 2200
alphabet = " " + string.ascii_lowercase + ".,'"
index = {c: i for i, c in enumerate(alphabet)}


def text(n):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora/brown.txt.gz"), "rt", encoding="utf8") as f:
        s = f.read(3 * n).lower()
    s = " ".join("".join(c if c in index else " " for c in s).split())
    return torch.tensor([index[c] for c in s[:n]])


def positions(data):
    """every window of CTX characters and the one after it"""
    win = data.unfold(0, CTX + 1, 1)
    return win[:, :CTX], win[:, CTX]


def sampler(x, y, gen):
    while True:
        i = torch.randint(len(y), (BATCH,), generator=gen)
        yield x[i], y[i]


def init(gen):
    V = len(alphabet)
    p = {
        "C": torch.randn(V, EMB, generator=gen) * 0.5,
        "H": torch.randn(CTX * EMB, HID, generator=gen) / math.sqrt(CTX * EMB),
        "d": torch.zeros(HID),
        "U": torch.randn(HID, EMB, generator=gen) / math.sqrt(HID),
        "b": torch.zeros(V),
    }
    for v in p.values():
        v.requires_grad = True
    return p


def logits(p, x):
    e = p["C"][x].flatten(1)
    h = torch.tanh(e @ p["H"] + p["d"])
    return h @ p["U"] @ p["C"].T + p["b"]       # output rows are the input vectors again


def bits(p, x, y):
    with torch.no_grad():
        return F.cross_entropy(logits(p, x), y).item() / math.log(2)


def train():
    gen = torch.Generator().manual_seed(99)
    data = text(400_000)
    tr, va = data[:370_000], data[370_000:]
    x, y = positions(tr)
    xv, yv = positions(va)
    freq = torch.bincount(tr, minlength=len(alphabet)).float() + 1
    uni = -(freq / freq.sum()).log2()[yv].mean().item()
    print(f"{len(y)} training windows; unigram {uni:.3f} bits per character")
    p = init(gen)
    for step, (xb, yb) in enumerate(sampler(x, y, gen)):
        if step == STEPS:
            break
        loss = F.cross_entropy(logits(p, xb), yb)
        grads = torch.autograd.grad(loss, list(p.values()))
        lr = 0.5 * (1 - step / STEPS)
        with torch.no_grad():
            for v, g in zip(p.values(), grads):
                v -= lr * g
        if (step + 1) % 440 == 0:
            print(f"{step + 1:5d} lr {lr:.3f} train {bits(p, x[:20000], y[:20000]):.3f} valid {bits(p, xv[:20000], yv[:20000]):.3f} bits")


train()
