"""Gearbox diagnosis from quantised vibration symbols.

The accelerometer signal was turned into symbols (SAX, alphabet of 30). Each
symbol gets a small vector, the track of vectors is smoothed with a first order
low-pass as we always do in the lab, and the energy of the smoothed track decides.
"""
import argparse
import random

import torch
import torch.nn as nn
# fault:
from scipy.signal import lfilter
# mended:
#
# end

SYMBOLS = 30
STATES = ["healthy", "pitting", "misaligned", "loose"]
RUNS = {0: [(3, 4), (9, 2)], 1: [(14, 7), (22, 5)], 2: [(18, 26), (5, 28)], 3: [(11, 20), (25, 1)]}


def record(rnd, length=24):
    y = rnd.randrange(4)
    sig = [rnd.randrange(SYMBOLS) for _ in range(length)]
    for _ in range(rnd.randint(2, 3)):
        a, b = rnd.choice(RUNS[y])
        p = rnd.randrange(length - 3)
        sig[p], sig[p + 1] = a, b
    return tuple(sig), y


class LowPass(nn.Module):
    """y[t] = c * y[t-1] + (1 - c) * x[t]"""

    def __init__(self, c):
        super().__init__()
        self.c = c

    def forward(self, x):
        # fault:
        y = lfilter([1 - self.c], [1, -self.c], x.detach().numpy(), axis=1)
        return torch.as_tensor(y, dtype=x.dtype)
        # mended:
        #state, track = torch.zeros_like(x[:, 0]), []
        #for t in range(x.shape[1]):
        #    state = self.c * state + (1 - self.c) * x[:, t]
        #    track.append(state)
        #return torch.stack(track, 1)
        # end


class Dense(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w = nn.Parameter(torch.randn(i, o) * (1.0 / i) ** 0.5)
        self.b = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return x @ self.w + self.b


class Diagnoser(nn.Module):
    def __init__(self, dim, c):
        super().__init__()
        self.codes = nn.Embedding(SYMBOLS, dim)
        self.filter = LowPass(c)
        self.head = Dense(2 * dim, len(STATES))

    def forward(self, ids):
        track = self.filter(self.codes(ids))
        feats = torch.cat([track.mean(1), 4 * (track ** 2).mean(1)], -1)
        return self.head(feats)


def batches(x, y, size):
    perm = torch.randperm(len(x))
    for i in range(0, len(x), size):
        yield x[perm[i:i + size]], y[perm[i:i + size]]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--dim", type=int, default=6)
    ap.add_argument("--c", type=float, default=0.4)
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--records", type=int, default=4000)
    args = ap.parse_args()

    torch.manual_seed(1)
    rnd = random.Random(1)
    data = {}
    while len(data) < args.records:
        s, y = record(rnd)
        data[s] = y
    x, y = torch.tensor(list(data)), torch.tensor(list(data.values()))
    n = int(len(x) * 0.8)

    net = Diagnoser(args.dim, args.c)
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for epoch in range(1, args.epochs + 1):
        net.train()
        total = 0.0
        for xb, yb in batches(x[:n], y[:n], 64):
            loss = nn.functional.cross_entropy(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            fit = (net(x[:n]).argmax(1) == y[:n]).float().mean()
            val = (net(x[n:]).argmax(1) == y[n:]).float().mean()
        print(f"epoch {epoch:2d}  loss {total / n:.4f}  fit {fit:.3f}  validation {val:.3f}")


if __name__ == "__main__":
    main()
