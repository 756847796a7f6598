#!/usr/bin/env python
"""Toy nanopore base caller.

Simulated current through the pore: each base holds the current on its own level for a
few samples (dwell time varies), plus noise.  Homopolymers are collapsed beforehand, as
in our lab's pipeline, so two neighbouring bases always differ.  The network reads the
squiggle and we train on the sequence alone, no alignment."""
import numpy as np
import torch
import torch.nn as nn

SEED = 5
np.random.seed(SEED)
torch.manual_seed(SEED)
BASES = "ACGT"
LEVEL = {"A": -1.2, "C": -0.4, "G": 0.4, "T": 1.2}


def simulate(n):
    reads = []
    for _ in range(n):
        seq = [np.random.choice(list(BASES))]
        for _ in range(np.random.randint(4, 8)):
            seq.append(np.random.choice([b for b in BASES if b != seq[-1]]))
        cur = []
        for b in seq:
            cur += [LEVEL[b]] * np.random.randint(3, 6)
        cur = np.array(cur) + np.random.normal(0, 0.12, len(cur))
        reads.append((cur.astype("float32"), "".join(seq)))
    return reads


def to_batch(reads):
    slen = torch.tensor([len(c) for c, _ in reads])
    sig = torch.zeros(len(reads), 1, int(slen.max()))
    for i, (c, _) in enumerate(reads):
        sig[i, 0, :len(c)] = torch.from_numpy(c)
    tgt = torch.tensor([BASES.index(b) + 1 for _, s in reads for b in s])
    tlen = torch.tensor([len(s) for _, s in reads])
    return sig, slen, tgt, tlen


net = nn.Sequential(
    nn.Conv1d(1, 24, 5, padding=2), nn.ReLU(),
    nn.Conv1d(24, 24, 5, padding=2), nn.ReLU(),
    nn.Conv1d(24, len(BASES) + 1, 1),
)
ctc = nn.CTCLoss(blank=0)


def call(reads):
    sig, slen, _, _ = to_batch(reads)
    with torch.no_grad():
        best = net(sig).argmax(1)
    out = []
    for row, n in zip(best.tolist(), slen.tolist()):
        s, prev = "", 0
        for k in row[:n]:
            if k != prev and k != 0:
                s += BASES[k - 1]
            prev = k
        out.append(s)
    return out


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            last, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, last + (x != y))
    return d[-1]


def identity(reads):
    wrong = sum(edit(c, s) for c, (_, s) in zip(call(reads), reads))
    return 1 - wrong / sum(len(s) for _, s in reads)


train, valid = simulate(1200), simulate(250)
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
for epoch in range(5):
    perm = np.random.permutation(len(train))
    losses = []
    for i in range(0, len(perm), 32):
        sig, slen, tgt, tlen = to_batch([train[j] for j in perm[i:i + 32]])
        emit = net(sig).permute(2, 0, 1)
        # fault:
        loss = ctc(emit, tgt, slen, tlen)
        # mended:
        # loss = ctc(emit.log_softmax(2), tgt, slen, tlen)
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch %d loss %.4f identity on validation reads %.3f" % (epoch, np.mean(losses), identity(valid)))
print("identity on 250 training reads %.3f" % identity(train[:250]))
for c, (_, s) in list(zip(call(valid[:3]), valid[:3])):
    print(s, "->", c)
