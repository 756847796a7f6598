# Five seeds trained at once: parameters carry a leading seed axis, updates by hand (momentum SGD + cosine).
# Task: language of a tweet from hashed character bigrams.
import os, math, zlib
import numpy as np
import torch

base = os.environ["WORDFIT_DATA"] + "/sentiment/umsab-multilingual/"
langs = "english french german italian portuguese spanish".split()
S, B, HID = 5, 400, 24


def bag(text):
    v = np.zeros(B, dtype=np.float32)
    t = " " + " ".join(w for w in text.lower().split() if w[0] not in "@#" and "http" not in w) + " "
    for a in range(len(t) - 1):
        v[zlib.crc32(t[a:a + 2].encode()) % B] += 1
    return v / max(np.linalg.norm(v), 1e-6)


def split(name, n):
    X, y = [], []
    for k, l in enumerate(langs):
        with open(base + f"{l}/{name}_text.txt", encoding="utf-8") as f:
            kept = [s for s in f.read().split("\n") if len(s) > 30][:n]
        X += [bag(s) for s in kept]
        y += [k] * len(kept)
    return torch.from_numpy(np.stack(X)), torch.tensor(y)


Xtr, ytr = split("train", 800)
Xte, yte = split("test", 150)
g = torch.Generator().manual_seed(99)
params = {
    "W1": torch.randn(S, B, HID, generator=g) * (2 / B) ** 0.5 * 4,
    "b1": torch.zeros(S, HID),
    "W2": torch.randn(S, HID, len(langs), generator=g) * HID ** -0.5,
    "b2": torch.zeros(S, len(langs)),
}
velocity = {k: torch.zeros_like(v) for k, v in params.items()}
for v in params.values():
    v.requires_grad_(True)


def forward(x):                                   # x: (S, N, B) -> (S, N, classes)
    h = torch.relu(torch.einsum("snb,sbh->snh", x, params["W1"]) + params["b1"][:, None])
    return torch.einsum("snh,shc->snc", h, params["W2"]) + params["b2"][:, None]


def accuracies(X, y):
    with torch.no_grad():
        lp = forward(X.expand(S, -1, -1)).log_softmax(-1)
        each = (lp.argmax(-1) == y).float().mean(1)
        joint = (lp.exp().mean(0).argmax(-1) == y).float().mean()
    return each, joint


n, bs, epochs = len(ytr), 48, 5
steps = epochs * (n // bs)
it = 0
for e in range(epochs):
    # every seed sees its own order
    orders = torch.stack([torch.randperm(n, generator=g) for _ in range(S)])
    tot = torch.zeros(S)
    for b in range(n // bs):
        idx = orders[:, b * bs:(b + 1) * bs]
        lp = forward(Xtr[idx]).log_softmax(-1)
        nll = -lp.gather(-1, ytr[idx].unsqueeze(-1)).squeeze(-1).mean(1)      # one loss per seed
        grads = torch.autograd.grad(nll.sum(), list(params.values()))
        lr = 0.3 * 0.5 * (1 + math.cos(math.pi * it / steps))
        with torch.no_grad():
            for (name, p), gr in zip(params.items(), grads):
                velocity[name].mul_(0.9).add_(gr + 5e-4 * p)
                p -= lr * velocity[name]
        tot += nll.detach()
        it += 1
    print(f"epoch {e + 1} loss per seed", [f"{v:.3f}" for v in (tot / (n // bs)).tolist()])
for tag, X, y in (("train", Xtr, ytr), ("test", Xte, yte)):
    each, joint = accuracies(X, y)
    print(f"{tag}: {each.mean():.3f} +- {each.std():.3f}, ensemble {joint:.3f}")
