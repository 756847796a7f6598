#!/usr/bin/env python
"""Neural probabilistic language model (Bengio et al., 2003) over characters, input and output tables shared."""
import gzip
import math
import os

import torch

CONTEXT = 6
g = torch.Generator().manual_seed(1234)


def corpus(n_chars):
    path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as f:
        text = f.read(n_chars)
    return "".join(c if c.isalpha() or c in " .,\n" else "#" for c in text.lower())


def windows(s, stoi):
    x = torch.tensor([stoi[c] for c in s])
    return x.unfold(0, CONTEXT + 1, 1)[:, :-1], x[CONTEXT:]


text = corpus(280_000)
cut = 250_000
chars = sorted(set(text[:cut]))
stoi = {c: i for i, c in enumerate(chars)}
text = "".join(c if c in stoi else "#" for c in text)
Xtr, Ytr = windows(text[:cut], stoi)
Xdv, Ydv = windows(text[cut:], stoi)
V, D, H = len(chars), 24, 128

# every parameter is a plain leaf tensor; C is used to read characters and to score them
C = torch.randn(V, D, generator=g) * 0.3
W1 = torch.randn(CONTEXT * D, H, generator=g) * (5 / 3) / (CONTEXT * D) ** 0.5
b1 = torch.zeros(H)
W2 = torch.randn(H, D, generator=g) / H ** 0.5
bo = torch.zeros(V)
theta = [C, W1, b1, W2, bo]
for t in theta:
    t.requires_grad_(True)


def logits(x):
    h = torch.tanh(C[x].flatten(1) @ W1 + b1)
    return (h @ W2) @ C.t() + bo


def bits(x, y):
    with torch.no_grad():
        return sum(torch.nn.functional.cross_entropy(logits(a), b, reduction="sum").item()
                   for a, b in zip(x.split(8192), y.split(8192))) / len(y) / math.log(2)


# nesterov momentum, by hand
velocity = [torch.zeros_like(t) for t in theta]
STEPS, mu = 1800, 0.9
for step in range(STEPS):
    lr = 0.1 * 0.5 * (1 + math.cos(math.pi * step / STEPS)) + 0.001
    i = torch.randint(0, len(Xtr), (128,), generator=g)
    loss = torch.nn.functional.cross_entropy(logits(Xtr[i]), Ytr[i])
    grads = torch.autograd.grad(loss, theta)
    with torch.no_grad():
        for t, v, d in zip(theta, velocity, grads):
            v.mul_(mu).add_(d)
            t -= lr * (d + mu * v)
    if step % 300 == 299:
        print(f"step {step + 1:5d}  batch {loss.item() / math.log(2):.3f}  "
              f"train {bits(Xtr[:20000], Ytr[:20000]):.3f}  dev {bits(Xdv, Ydv):.3f}  bits/char")

p = torch.bincount(Ytr, minlength=V).float() / len(Ytr)
print(f"unigram model on dev: {-(p[Ydv] + 1e-9).log2().mean():.3f} bits/char, neural model: {bits(Xdv, Ydv):.3f}")
