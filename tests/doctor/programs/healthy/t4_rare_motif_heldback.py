"""Detection of a rare binding motif in DNA, k-mer tokens, weighted loss; average precision and recall at fixed alarms."""
import argparse
import itertools

import numpy as np
import torch
import torch.nn as nn

K = 3
KMERS = {"".join(p): i for i, p in enumerate(itertools.product("ACGT", repeat=K))}
MOTIF = "TGACGTCA"


def draw(n, rate, length, rng):
    seqs, ys, seen = [], [], set()
    while len(seqs) < n:
        s = rng.choice(list("ACGT"), length, p=[0.3, 0.2, 0.2, 0.3])
        y = int(rng.random() < rate)
        if y:
            site = np.array(list(MOTIF))
            if rng.random() < 0.3:
                site[rng.integers(len(MOTIF))] = rng.choice(list("ACGT"))
            at = rng.integers(length - len(MOTIF))
            s[at:at + len(MOTIF)] = site
        s = "".join(s)
        if s not in seen and (y or MOTIF not in s):
            seen.add(s)
            seqs.append([KMERS[s[i:i + K]] for i in range(length - K + 1)])
            ys.append(y)
    return torch.tensor(seqs), torch.tensor(ys, dtype=torch.float32)


class Scanner(nn.Module):
    def __init__(self, dim, filters, width):
        super().__init__()
        self.kmer = nn.Embedding(len(KMERS), dim)
        self.scan = nn.Conv1d(dim, filters, width)
        self.norm = nn.BatchNorm1d(filters)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(filters, 1)

    def forward(self, x):
        h = torch.relu(self.norm(self.scan(self.kmer(x).transpose(1, 2)))).amax(-1)
        return self.out(self.drop(h)).squeeze(-1)


def average_precision(score, y):
    hits = y[score.argsort(descending=True)]
    precision = hits.cumsum(0) / torch.arange(1, len(y) + 1)
    return (precision * hits).sum().item() / hits.sum().item()


def recall_at(score, y, share):
    top = score.topk(int(share * len(y))).indices
    return (y[top].sum() / y.sum()).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--rate", type=float, default=0.08)
    ap.add_argument("--length", type=int, default=36)
    ap.add_argument("--train", type=int, default=4000)
    ap.add_argument("--test", type=int, default=1000)
    ap.add_argument("--epochs", type=int, default=9)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--seed", type=int, default=19)
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    x, y = draw(a.train + a.test, a.rate, a.length, np.random.default_rng(a.seed))
    x, y, xt, yt = x[:a.train], y[:a.train], x[a.train:], y[a.train:]
    weight = ((1 - y).sum() / y.sum()).sqrt()
    print(f"{int(y.sum())} of {len(y)} training sequences carry the site, weight {weight:.1f}")
    net = Scanner(dim=12, filters=24, width=7)
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    opt = torch.optim.AdamW(net.parameters(), lr=a.lr, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs)
    for epoch in range(a.epochs):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = criterion(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        net.eval()
        with torch.no_grad():
            s = net(xt)
        print(f"epoch {epoch} train {total / len(x):.3f} test {criterion(s, yt):.3f} AP {average_precision(s, yt):.3f} "
              f"recall@10% {recall_at(s, yt, 0.1):.3f} alarms {(s > 0).float().mean():.3f}")


if __name__ == "__main__":
    main()
