"""Binding affinity of 9-mer peptides from residue embeddings; Spearman correlation on unseen peptides."""
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


@dataclass(frozen=True)
class Hyper:
    emb: int = 12
    hidden: int = 64
    dropout: float = 0.1
    lr: float = 2e-3
    decay: float = 1e-3
    batch: int = 64
    epochs: int = 25
    delta: float = 1.0


def peptides(n, rng):
    seen = set()
    while len(seen) < n:
        seen.add("".join(rng.choice(list(RESIDUES), 9)))
    return sorted(seen, key=lambda s: hash_order(s))


def hash_order(s):
    return sum((i + 7) * ord(c) ** 2 for i, c in enumerate(s)) % 9973, s


def assay(seqs, rng):
    anchor = rng.normal(size=(9, 20)) * np.array([0.4, 1.6, 0.5, 0.3, 0.6, 0.3, 0.5, 0.4, 1.8])[:, None]
    ids = np.array([[RESIDUES.index(c) for c in s] for s in seqs])
    y = anchor[np.arange(9), ids].sum(1)
    y = (y - y.mean()) / y.std() + rng.normal(scale=0.25, size=len(seqs))
    return torch.tensor(ids), torch.tensor(y, dtype=torch.float32)


class AffinityNet(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.residue = nn.Embedding(20, hp.emb)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(9 * hp.emb, hp.hidden), nn.ReLU(), nn.Dropout(hp.dropout))
        self.out = nn.Linear(hp.hidden, 1)

    def forward(self, ids):
        # fault:
        return self.out(self.body(self.residue(ids)))
        # mended:
        #return self.out(self.body(self.residue(ids))).squeeze(1)
        # end


def huber(pred, target, delta):
    err = (pred - target).abs()
    return torch.where(err < delta, 0.5 * err ** 2, delta * (err - 0.5 * delta)).mean()


def spearman(a, b):
    ra = np.argsort(np.argsort(a)).astype(float)
    rb = np.argsort(np.argsort(b)).astype(float)
    return float(np.corrcoef(ra, rb)[0, 1])


def predict(net, ids):
    net.eval()
    with torch.no_grad():
        return net(ids).reshape(-1)


def train(hp, seed=0):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    ids, y = assay(peptides(3600, rng), rng)
    perm = torch.randperm(len(ids))
    tr, te = perm[:3000], perm[3000:]
    net = AffinityNet(hp)
    opt = torch.optim.AdamW(net.parameters(), lr=hp.lr, weight_decay=hp.decay)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, hp.epochs)
    for ep in range(hp.epochs):
        net.train()
        running = 0.0
        for idx in tr[torch.randperm(len(tr))].split(hp.batch):
            loss = huber(net(ids[idx]), y[idx], hp.delta)
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item() * len(idx)
        sched.step()
        if ep % 6 == 0 or ep == hp.epochs - 1:
            p = predict(net, ids[te])
            print(f"epoch {ep:2d} train huber {running / len(tr):.4f} test huber {huber(p, y[te], hp.delta):.4f} "
                  f"rho {spearman(p.numpy(), y[te].numpy()):.3f}")
    p = predict(net, ids[te])
    r2 = 1 - ((p - y[te]) ** 2).mean() / y[te].var()
    print(f"final: spearman {spearman(p.numpy(), y[te].numpy()):.3f}  R2 {r2:.3f}")


if __name__ == "__main__":
    train(Hyper())
