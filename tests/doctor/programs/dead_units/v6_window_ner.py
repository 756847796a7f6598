#!/usr/bin/env python
"""Window tagger in the style of Collobert & Weston: person / place / time / other for every word."""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

TAGS = ["O", "PER", "LOC", "TIME"]
FIRST = "anna paul maria jonas lena david sofia peter clara felix julia martin".split()
LAST = "paris london jordan austin miller baker hunter berg stone fields".split()   # some are towns, too
TOWN = "paris london jordan austin vienna madrid rome lisbon oslo dublin".split()
DAY = "monday tuesday wednesday thursday friday saturday sunday".split()
PART = "morning evening afternoon night".split()
VERB = "met called visited invited saw".split()


def sentence(rng):
    def per():
        return [(rng.choice(FIRST), "PER"), (rng.choice(LAST), "PER")] if rng.random() < 0.7 else [(rng.choice(FIRST), "PER")]

    def loc():
        return [(rng.choice(["in", "near"]), "O"), (rng.choice(TOWN), "LOC")]

    def when():
        out = [("on", "O"), (rng.choice(DAY), "TIME")]
        return out + ([(rng.choice(PART), "TIME")] if rng.random() < 0.5 else [])

    s = per() + [(rng.choice(VERB), "O")] + per()
    for piece in rng.sample([loc, when], rng.choice([1, 2])):
        s += piece()
    if rng.random() < 0.4:
        s = [("yesterday", "TIME")] + s
    return s


def windows(sents, vocab, size):
    xs, ys = [], []
    for s in sents:
        ids = [0] * size + [vocab.get(w, 1) for w, _ in s] + [0] * size
        for i, (_, t) in enumerate(s):
            xs.append(ids[i:i + 2 * size + 1])
            ys.append(TAGS.index(t))
    return torch.tensor(xs), torch.tensor(ys)


class WindowTagger(nn.Module):
    def __init__(self, n_words, dim, hidden, width):
        super().__init__()
        self.lookup = nn.Embedding(n_words, dim)
        self.hidden = nn.Linear(width * dim, hidden)
        self.out = nn.Linear(hidden, len(TAGS))
        nn.init.normal_(self.lookup.weight, std=0.1)
        nn.init.xavier_uniform_(self.hidden.weight)
        # fault:
        nn.init.constant_(self.hidden.bias, -3.0)
        # mended:
        #nn.init.constant_(self.hidden.bias, 0.0)
        # end

    def forward(self, w):
        h = F.relu(self.hidden(self.lookup(w).flatten(1)))
        return self.out(h)


def f1(pred, gold):
    """micro F1 over everything but O"""
    tp = ((pred == gold) & (gold != 0)).sum().item()
    p, g = (pred != 0).sum().item(), (gold != 0).sum().item()
    return 2 * tp / max(1, p + g)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--window", type=int, default=2)
    ap.add_argument("--dim", type=int, default=20)
    ap.add_argument("--hidden", type=int, default=50)
    ap.add_argument("--epochs", type=int, default=7)
    ap.add_argument("--lr", type=float, default=0.003)
    args = ap.parse_args()
    torch.manual_seed(1)
    rng = random.Random(1)
    pool = list(dict.fromkeys(tuple(sentence(rng)) for _ in range(560)))
    train, dev = pool[:340], pool[340:]
    vocab = {"<edge>": 0, "<unk>": 1}
    for s in train:
        for w, _ in s:
            vocab.setdefault(w, len(vocab))
    xtr, ytr = windows(train, vocab, args.window)
    xdv, ydv = windows(dev, vocab, args.window)
    print(len(train), "sentences", len(xtr), "windows", len(vocab), "words")

    net = WindowTagger(len(vocab), args.dim, args.hidden, 2 * args.window + 1)
    optim = torch.optim.Adam(net.parameters(), lr=args.lr)
    for ep in range(args.epochs):
        net.train()
        tot = 0.0
        for idx in torch.randperm(len(xtr)).split(64):
            loss = F.cross_entropy(net(xtr[idx]), ytr[idx])
            optim.zero_grad()
            loss.backward()
            optim.step()
            tot += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            pred = net(xdv).argmax(1)
        print(f"{ep + 1:2d} loss {tot / len(xtr):.4f} dev acc {(pred == ydv).float().mean():.3f} F1 {f1(pred, ydv):.3f}")


if __name__ == "__main__":
    main()
