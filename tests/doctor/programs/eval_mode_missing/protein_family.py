#!/usr/bin/env python3
"""Protein families from the amino acid sequence: embedding, convolutions, batch norm, global max."""
import argparse
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

AA = "ACDEFGHIKLMNPQRSTVWY"


def simulate(n, n_fam, length, rng):
    motif_rng = np.random.default_rng(77)
    motifs = motif_rng.integers(0, 20, size=(n_fam, 2, 6))
    fam = rng.integers(0, n_fam, size=n)
    seqs = rng.integers(0, 20, size=(n, length))
    for i in range(n):
        for m in range(2):
            start = rng.integers(m * length // 2, (m + 1) * length // 2 - 6)
            mo = motifs[fam[i], m].copy()
            swap = rng.random(6) < 0.12
            mo[swap] = rng.integers(0, 20, size=swap.sum())
            seqs[i, start:start + 6] = mo
    return torch.from_numpy(seqs), torch.from_numpy(fam)


class FamilyNet(nn.Module):
    def __init__(self, n_fam, dim=12, channels=48, p=0.5):
        super().__init__()
        self.emb = nn.Embedding(20, dim)
        self.conv = nn.Conv1d(dim, channels, 6)
        self.bn = nn.BatchNorm1d(channels)
        self.fc = nn.Linear(channels, 40)
        self.out = nn.Linear(40, n_fam)
        self.p = p

    def forward(self, x):
        h = self.emb(x).transpose(1, 2)
        h = F.dropout(h, 0.1, self.training)
        h = F.relu(self.bn(self.conv(h)))
        h = F.adaptive_max_pool1d(h, 1).squeeze(2)
        h = F.relu(self.fc(F.dropout(h, self.p, self.training)))
        return self.out(F.dropout(h, self.p, self.training))


def train_epoch(net, x, y, opt, bs):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(x)).split(bs):
        opt.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x[idx]), y[idx])
        loss.backward()
        opt.step()
        total += float(loss.detach()) * len(idx)
    return total / len(x)


def evaluate(net, x, y):
    # fault:
    torch.set_grad_enabled(False)
    # mended:
    # net.eval()
    # torch.set_grad_enabled(False)
    # end
    right, nll = 0, 0.0
    for xb, yb in zip(x.split(50), y.split(50)):
        z = net(xb)
        right += (z.argmax(-1) == yb).sum().item()
        nll += F.cross_entropy(z, yb, reduction="sum").item()
    torch.set_grad_enabled(True)
    return right / len(x), nll / len(x)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--families", type=int, default=8)
    ap.add_argument("--epochs", type=int, default=14)
    ap.add_argument("--bs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=3e-3)
    args = ap.parse_args()
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    xtr, ytr = simulate(2400, args.families, 48, rng)
    xde, yde = simulate(600, args.families, 48, rng)
    net = FamilyNet(args.families)
    opt = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=1e-3)
    for ep in range(1, args.epochs + 1):
        tl = train_epoch(net, xtr, ytr, opt, args.bs)
        acc, nll = evaluate(net, xde, yde)
        print(f"[{ep:02d}] train {tl:.3f} | dev nll {nll:.3f} acc {acc:.3f}")
