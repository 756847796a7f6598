"""Stress position of made-up words with a GRU cell written out by hand."""
import argparse
import random

import torch
from torch import nn
from torch.nn import functional as F

ONSETS = ["p", "t", "k", "b", "d", "g", "s", "m", "n", "l", "r", "f"]
SHORT = ["a", "e", "i", "o", "u"]
LONG = ["aa", "ee", "oo", "ai", "au"]
CODAS = ["", "", "", "n", "s", "r"]


def syllable(rng):
    nucleus = rng.choice(LONG) if rng.random() < 0.3 else rng.choice(SHORT)
    coda = rng.choice(CODAS)
    return [rng.choice(ONSETS), nucleus] + ([coda + "_"] if coda else []), len(nucleus) == 2 or coda != ""


def stress(heavy):
    """The last heavy syllable counted from the end (0 = final), at most three back; else the first of the three."""
    tail = heavy[-3:][::-1]
    for back, h in enumerate(tail):
        if h:
            return back
    return len(tail) - 1


def lexicon(n, seed):
    rng = random.Random(seed)
    out = {}
    while len(out) < n:
        parts = [syllable(rng) for _ in range(rng.randint(3, 5))]
        out[tuple(p for s, _ in parts for p in s)] = stress([h for _, h in parts])
    return list(out.items())


class GRUCellByHand(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.x = nn.Linear(d, 3 * h)
        self.h = nn.Linear(h, 3 * h)

    def forward(self, x, h):
        xr, xz, xn = self.x(x).chunk(3, -1)
        hr, hz, hn = self.h(h).chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        return (1 - z) * torch.tanh(xn + r * hn) + z * h


class StressModel(nn.Module):
    def __init__(self, n_symbols, d=16, h=32):
        super().__init__()
        self.symbols = nn.Embedding(n_symbols + 1, d, padding_idx=0)
        self.cell = GRUCellByHand(d, h)
        self.out = nn.Linear(h, 3)
        self.size = h

    def forward(self, ids):
        x = self.symbols(ids)
        keep = (ids > 0).float().unsqueeze(-1)
        h = x.new_zeros(len(ids), self.size)
        for t in range(ids.shape[1]):
            h = keep[:, t] * self.cell(x[:, t], h) + (1 - keep[:, t]) * h
        return self.out(h)


def tensors(words, inventory):
    width = max(len(w) for w, _ in words)
    ids = torch.tensor([[inventory[s] for s in w] + [0] * (width - len(w)) for w, _ in words])
    return ids, torch.tensor([y for _, y in words])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--words", type=int, default=2600)
    ap.add_argument("--batch", type=int, default=60)
    # fault:
    ap.add_argument("--epochs", type=int, default=2)
    # mended:
    #ap.add_argument("--epochs", type=int, default=9)
    # end
    ap.add_argument("--lr", type=float, default=1e-3)
    args = ap.parse_args()
    torch.manual_seed(12)

    words = lexicon(args.words, seed=3)
    symbols = ONSETS + SHORT + LONG + [c + "_" for c in CODAS if c]
    inventory = {s: i + 1 for i, s in enumerate(dict.fromkeys(symbols))}
    dev_x, dev_y = tensors(words[:500], inventory)
    x, y = tensors(words[500:], inventory)
    print("majority in dev", round(torch.bincount(dev_y).max().item() / len(dev_y), 3))

    net = StressModel(len(inventory))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    step = 0
    for epoch in range(args.epochs):
        net.train()
        for idx in torch.randperm(len(x)).split(args.batch):
            loss = F.cross_entropy(net(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            step += 1
            if step % 15 == 0:
                print(f"step {step:4d} loss {loss.item():.4f}")
        net.eval()
        with torch.no_grad():
            out = net(dev_x)
        print(f"epoch {epoch + 1} dev loss {F.cross_entropy(out, dev_y):.4f} "
              f"dev accuracy {(out.argmax(1) == dev_y).float().mean():.3f}")


if __name__ == "__main__":
    main()
