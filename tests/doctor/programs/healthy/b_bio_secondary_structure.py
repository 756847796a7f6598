#!/usr/bin/env python
# Toy secondary-structure prediction (H/E/C) from sequence alone; sequences are drawn from a semi-Markov model with
# Chou-Fasman-like propensities. Q3 and per-state F1 are reported. Residues beyond the chain end carry label -1.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

AA = "ACDEFGHIKLMNPQRSTVWY"
IDX = {a: i for i, a in enumerate(AA)}
rng = np.random.default_rng(7)
torch.manual_seed(7)

propensity = np.ones((3, 20))
for a in "AELMQKRH": propensity[0, IDX[a]] = 5.0
for a in "VIYFWTC": propensity[1, IDX[a]] = 6.0
for a in "GPNDS": propensity[2, IDX[a]] = 6.0
propensity /= propensity.sum(1, keepdims=True)
SEG = [(5, 14), (3, 8), (3, 9)]


def chain():
    L, s, seq, lab = rng.integers(40, 110), rng.integers(3), [], []
    while len(seq) < L:
        n = rng.integers(*SEG[s])
        seq += list(rng.choice(20, n, p=propensity[s]))
        lab += [s] * n
        s = (s + rng.integers(1, 3)) % 3
    return np.array(seq[:L]), np.array(lab[:L])


def to_tensors(chains):
    T = max(len(s) for s, _ in chains)
    x = torch.zeros(len(chains), 21, T)                      # 20 letters + "inside the chain"
    y = torch.full((len(chains), T), -1)
    for i, (s, l) in enumerate(chains):
        x[i, s, range(len(s))] = 1.0
        x[i, 20, :len(s)] = 1.0
        y[i, :len(s)] = torch.from_numpy(l)
    return x, y


class DilatedNet(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.inp = nn.Conv1d(21, width, 7, padding=3)
        self.blocks = nn.ModuleList([nn.Conv1d(width, width, 5, padding=2 * d, dilation=d) for d in (1, 2)])
        self.out = nn.Conv1d(width, 3, 1)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        inside = x[:, 20:21]
        h = torch.relu(self.inp(x)) * inside
        for b in self.blocks:
            h = h + torch.relu(b(self.drop(h))) * inside     # outside stays zero, as the convolution's own edge
        return self.out(h)                                   # (B, 3, T)


train, valid = [chain() for _ in range(500)], [chain() for _ in range(120)]
xv, yv = to_tensors(valid)
share = torch.bincount(yv[yv >= 0], minlength=3) / (yv >= 0).sum()
print("valid composition H/E/C", [round(v, 3) for v in share.tolist()])

net = DilatedNet()
opt = torch.optim.Adam(net.parameters(), 2e-3)
step = 0
for cycle in range(8):
    net.train()
    order = rng.permutation(len(train))
    for k in range(0, len(order), 16):
        x, y = to_tensors([train[i] for i in order[k:k + 16]])
        loss = F.cross_entropy(net(x), y, ignore_index=-1)
        opt.zero_grad(); loss.backward(); opt.step()
        step += 1
    net.eval()
    with torch.no_grad():
        z = net(xv)
        pred, m = z.argmax(1), yv >= 0
        q3 = (pred[m] == yv[m]).float().mean().item()
        vl = F.cross_entropy(z, yv, ignore_index=-1).item()
        f1 = []
        for s in range(3):
            tp = ((pred == s) & (yv == s)).sum().item()
            f1.append(2 * tp / max(1, ((pred == s) & m).sum().item() + (yv == s).sum().item()))
    print(f"step {step:4d} train {loss.item():.3f} valid {vl:.3f} Q3 {q3:.3f} F1 H {f1[0]:.2f} E {f1[1]:.2f} C {f1[2]:.2f}")
