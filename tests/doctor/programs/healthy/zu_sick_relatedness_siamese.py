"""SICK relatedness (1..5) from two sentences: shared encoder over GloVe, features |u-v| and u*v."""
import gzip
import os
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]


@dataclass
class Config:
    dim: int = 50
    hidden: int = 32
    lr: float = 2e-3
    epochs: int = 6
    batch: int = 45
    seed: int = 2024
    widths: list = field(default_factory=lambda: [32])


def read_split(name):
    a, b, y = [], [], []
    with open(f"{ROOT}/glue/SICK/SICK_{name}.txt", encoding="utf-8") as f:
        f.readline()
        for line in f:
            _, s1, s2, score, _ = line.strip().split("\t")[:5]
            a.append(s1.lower().split())
            b.append(s2.lower().split())
            y.append(float(score))
    return a, b, np.array(y, dtype=np.float32)


class Vectors:
    def __init__(self, words, dim):
        have = {}
        with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
            for line in f:
                w, _, rest = line.partition(" ")
                if w in words:
                    have[w] = np.fromstring(rest, sep=" ", dtype=np.float32)
        rng = np.random.default_rng(1)
        scale = np.std(np.stack(list(have.values())))
        self.ids = {w: i + 1 for i, w in enumerate(sorted(words))}
        self.table = np.zeros((len(words) + 1, dim), dtype=np.float32)
        for w, i in self.ids.items():
            self.table[i] = have[w] if w in have else rng.normal(0, scale, dim)

    def encode(self, sents, width=20):
        out = torch.zeros(len(sents), width, dtype=torch.long)
        for i, s in enumerate(sents):
            s = s[:width]
            out[i, : len(s)] = torch.tensor([self.ids[w] for w in s])
        return out


class Siamese(nn.Module):
    def __init__(self, table, cfg):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.proj = nn.Linear(cfg.dim, cfg.hidden)
        layers, n = [], 4 * cfg.hidden + 1
        for w in cfg.widths:
            layers += [nn.Linear(n, w), nn.ReLU(), nn.Dropout(0.35)]
            n = w
        self.head = nn.Sequential(*layers, nn.Linear(n, 1))

    def encode(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        h = torch.tanh(self.proj(self.emb(ids)))
        mean = (h * mask).sum(1) / mask.sum(1)
        peak = h.masked_fill(mask == 0, -1.0).max(1).values       # tanh is never below -1
        return torch.cat([mean, peak], -1)

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        shared = (a.unsqueeze(2) == b.unsqueeze(1)) & (a != 0).unsqueeze(2)
        overlap = shared.any(2).sum(1) / (a != 0).sum(1)
        return 3.0 + self.head(torch.cat([(u - v).abs(), u * v, overlap.unsqueeze(1)], -1)).squeeze(-1)


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=5e-2)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg.epochs)

    def fit(self, train, valid):
        a, b, y = train
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for idx in torch.randperm(len(y)).split(self.cfg.batch):
                loss = nn.functional.mse_loss(self.model(a[idx], b[idx]), y[idx])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(idx)
            self.sched.step()
            print(f"[{epoch}] train mse {total / len(y):.3f} | " + self.report("trial", valid))

    @torch.inference_mode()
    def report(self, name, data):
        self.model.eval()
        a, b, y = data
        p = torch.cat([self.model(x1, x2) for x1, x2 in zip(a.split(300), b.split(300))])
        return (f"{name}: mse {((p - y) ** 2).mean():.3f} (constant: {y.var():.3f}) "
                f"pearson {pearsonr(p, y)[0]:.3f} spearman {spearmanr(p, y)[0]:.3f}")


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    raw = {k: read_split(k) for k in ("train", "trial", "test_annotated")}
    vecs = Vectors({w for a, b, _ in raw.values() for s in a + b for w in s}, cfg.dim)
    sets = {k: (vecs.encode(a), vecs.encode(b), torch.from_numpy(y)) for k, (a, b, y) in raw.items()}
    trainer = Trainer(Siamese(vecs.table, cfg), cfg)
    trainer.fit(sets["train"], sets["trial"])
    print(trainer.report("train", sets["train"]))
    print(trainer.report("test", sets["test_annotated"]))
