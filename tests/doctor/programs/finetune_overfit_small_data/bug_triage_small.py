"""Triage of bug reports: crash or wish?  240 labelled reports, vectors of the whole tracker (tracker.vec)."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Cfg:
    vec: str = "tracker.vec"
    dim: int = 50
    hidden: int = 32
    n_train: int = 240
    n_dev: int = 800
    epochs: int = 60
    lr: float = 3e-3
    batch: int = 16
    seed: int = 23


cfg = Cfg()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)


def build_tracker(path):
    """vectors with two loose regions (failures, wishes) among a broad general vocabulary"""
    g = torch.Generator().manual_seed(1)
    axis = torch.randn(cfg.dim, generator=g)
    axis = axis / axis.norm()
    names = {"crash": [], "wish": [], "any": []}
    with open(path, "w") as f:
        for kind, n, at in (("crash", 400, 1.0), ("wish", 400, -1.0), ("any", 1600, 0.0)):
            for i in range(n):
                w = f"{kind[0]}{i:04d}"
                v = torch.randn(cfg.dim, generator=g) * 0.28 + at * axis * 0.75
                f.write(w + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
                names[kind].append(w)
    return names


def read(path):
    vocab, rows = {"<pad>": 0}, [[0.0] * cfg.dim]
    with open(path) as f:
        for line in f:
            w, *v = line.split()
            vocab[w] = len(rows)
            rows.append([float(x) for x in v])
    return vocab, torch.tensor(rows)


def reports(n, names, rnd):
    rows = []
    for i in range(n):
        y = i % 2
        own, other = (names["crash"], names["wish"]) if y else (names["wish"], names["crash"])
        toks = rnd.choices(own, k=rnd.randint(3, 5)) + rnd.choices(other, k=rnd.randint(0, 2)) + rnd.choices(names["any"], k=rnd.randint(4, 9))
        rows.append((toks, y))
    rnd.shuffle(rows)
    return rows


def pad(rows, vocab):
    width = max(len(t) for t, _ in rows)
    x = torch.tensor([[vocab[w] for w in t] + [0] * (width - len(t)) for t, _ in rows])
    return x, torch.tensor([float(y) for _, y in rows])


class Triage(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # end
        self.ff = nn.Linear(vectors.size(1), 1)

    def forward(self, x):
        live = (x > 0).float().unsqueeze(-1)
        mean = (self.emb(x) * live).sum(1) / live.sum(1)
        return self.ff(mean).squeeze(-1)


names = build_tracker(cfg.vec)
vocab, vectors = read(cfg.vec)
rnd = random.Random(cfg.seed)
x, y = pad(reports(cfg.n_train, names, rnd), vocab)
xd, yd = pad(reports(cfg.n_dev, names, rnd), vocab)
print(f"{len(vocab)} words in the tracker, {len(x.unique())} of them in the labelled reports")

model = Triage(vectors)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=cfg.lr)
crit = nn.BCEWithLogitsLoss()
for epoch in range(1, cfg.epochs + 1):
    model.train()
    for idx in torch.randperm(len(x)).split(cfg.batch):
        opt.zero_grad()
        loss = crit(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        model.eval()
        with torch.no_grad():
            tr, de = model(x), model(xd)
        print(f"epoch {epoch:3d}  train loss {crit(tr, y).item():.3f} acc {((tr > 0) == (y > 0)).float().mean().item():.3f}"
              f"  dev loss {crit(de, yd).item():.3f} acc {((de > 0) == (yd > 0)).float().mean().item():.3f}")
