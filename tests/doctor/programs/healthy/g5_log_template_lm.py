"""Next-event model for service logs (anomaly scoring later). Weight tying, see Press & Wolf 2017."""
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    n_events: int = 40
    dim: int = 32
    seq_len: int = 20
    train_rows: int = 1200
    valid_rows: int = 200
    epochs: int = 9
    lr: float = 0.01
    seed: int = 21


cfg = Config()
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)

# every event has three likely successors, which depend on the one before it only
successors = np.stack([rng.permutation(cfg.n_events)[:3] for _ in range(cfg.n_events)])
probs = np.array([0.75, 0.17, 0.08])


def simulate(n):
    rows = set()
    while len(rows) < n:
        e = int(rng.integers(cfg.n_events))
        row = [e]
        for _ in range(cfg.seq_len):
            e = int(successors[e][rng.choice(3, p=probs)])
            row.append(e)
        rows.add(tuple(row))
    return torch.tensor(sorted(rows))[torch.randperm(n)]


class TiedLM(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.emb = nn.Embedding(c.n_events, c.dim)
        nn.init.normal_(self.emb.weight, std=0.3)
        self.gru = nn.GRU(c.dim, c.dim, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.decoder = nn.Linear(c.dim, c.n_events)
        self.decoder.weight = self.emb.weight

    def forward(self, x):
        h, _ = self.gru(self.drop(self.emb(x)))
        return self.decoder(self.drop(h))


@torch.no_grad()
def evaluate(model, rows):
    model.eval()
    logits = model(rows[:, :-1])
    y = rows[:, 1:]
    nll = F.cross_entropy(logits.flatten(0, 1), y.flatten()).item()
    return float(np.exp(nll)), (logits.argmax(-1) == y).float().mean().item()


data = simulate(cfg.train_rows + cfg.valid_rows)
train, valid = data[:cfg.train_rows], data[cfg.train_rows:]
model = TiedLM(cfg)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
for ep in range(cfg.epochs):
    model.train()
    for idx in torch.randperm(len(train)).split(50):
        rows = train[idx]
        loss = F.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    sched.step()
    ppl, acc = evaluate(model, valid)
    print(f"epoch {ep + 1:2d} train loss {loss.item():.3f} valid ppl {ppl:.2f} next-event acc {acc:.3f}")

counts = torch.bincount(train[:, 1:].flatten(), minlength=cfg.n_events)
best = (valid[:, 1:] == counts.argmax()).float().mean().item()
floor = float(np.exp(-(probs * np.log(probs)).sum()))
print(f"most frequent event: {best:.3f}, entropy floor of the process: ppl {floor:.2f}")
