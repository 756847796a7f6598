#!/usr/bin/env python3
"""Severity of syslog lines (ok / warn / crit).

1. co-occurrence vectors (log counts + SVD) from the unlabelled archive
2. classifier: EmbeddingBag started from these vectors, everything trained end to end,
   the table with its own learning rate
"""
import argparse
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--dim", type=int, default=24)
p.add_argument("--epochs", type=int, default=10)
p.add_argument("--lr", type=float, default=0.02)
p.add_argument("--emb-lr", type=float, default=0.05)
p.add_argument("--seed", type=int, default=4)
args = p.parse_args([])
rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

UNITS = ["sshd", "cron", "kernel", "nginx", "postgres", "dockerd", "systemd", "ntpd", "postfix", "named"]
OBJ = ["session", "connection", "mount", "checkpoint", "worker", "socket", "lease", "queue", "volume", "zone", "backup", "handshake"]
CODES = [f"EV{n}" for n in rng.choice(np.arange(1000, 9999), size=150, replace=False)]
STATE = {0: CODES[:60], 1: CODES[60:105], 2: CODES[105:]}           # event codes of the three severities
MISC = [f"{a}={b}" for a in ("uid", "tty", "if", "cpu") for b in range(8)] + ["for", "on", "by", "with", "after", "via"]


def line():
    y = int(rng.choice(3, p=[0.4, 0.3, 0.3]))
    toks = [str(rng.choice(UNITS)), str(rng.choice(OBJ))]
    toks += [str(w) for w in rng.choice(STATE[y], size=1)]
    if rng.random() < 0.05:
        toks.append(str(rng.choice(STATE[int(rng.integers(3))])))
    toks += [str(w) for w in rng.choice(MISC, size=rng.integers(4, 12))]
    return toks, y


archive = [line()[0] for _ in range(6000)]
labelled = [line() for _ in range(3000)]
train, dev = labelled[:2400], labelled[2400:]


def cooccurrence_vectors(lines, dim):
    vocab = {w: i for i, w in enumerate(sorted({w for l in lines for w in l}))}
    pairs = Counter()
    for l in lines:
        for i, a in enumerate(l):
            for b in l[max(0, i - 3):i]:
                pairs[vocab[a], vocab[b]] += 1
                pairs[vocab[b], vocab[a]] += 1
    m = np.zeros((len(vocab), len(vocab)))
    for (a, b), n in pairs.items():
        m[a, b] = np.log1p(n)
    u, s, _ = np.linalg.svd(m)
    v = u[:, :dim] * np.sqrt(s[:dim])
    return vocab, torch.tensor(v / v.std(), dtype=torch.float32) * 0.3


vocab, vectors = cooccurrence_vectors(archive, args.dim)


class LogNet(nn.Module):
    def __init__(self, vectors, classes=3):
        super().__init__()
        # fault:
        self.table = nn.EmbeddingBag.from_pretrained(vectors, mode="mean")
        # mended:
        # self.table = nn.EmbeddingBag.from_pretrained(vectors, mode="mean", freeze=False)
        # end
        self.mlp = nn.Sequential(nn.Linear(vectors.size(1), 32), nn.ReLU(), nn.Linear(32, classes))

    def forward(self, flat, offsets):
        return self.mlp(self.table(flat, offsets))


def pack(rows):
    ids = [[vocab[w] for w in toks if w in vocab] for toks, _ in rows]
    return (torch.tensor(sum(ids, [])), torch.tensor(np.cumsum([0] + [len(i) for i in ids[:-1]])),
            torch.tensor([y for _, y in rows]))


net = LogNet(vectors)
optimizer = torch.optim.Adagrad([{"params": net.mlp.parameters(), "lr": args.lr},
                                 {"params": net.table.parameters(), "lr": args.emb_lr}])
for epoch in range(args.epochs):
    order = rng.permutation(len(train))
    tot = 0.0
    for k in range(0, len(order), 40):
        flat, off, y = pack([train[i] for i in order[k:k + 40]])
        loss = F.cross_entropy(net(flat, off), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        flat, off, y = pack(dev)
        acc = (net(flat, off).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch:2d}  train loss {tot / len(train):.4f}  dev acc {acc:.4f}")
