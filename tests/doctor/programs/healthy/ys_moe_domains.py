"""Mixture of experts (Jacobs et al. 1991) with a load balancing term.

Task: sentiment in four product domains where the polarity of an adjective depends on the domain
("long" is good for batteries, bad for queues), so one linear model over words can't do it."""
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


@dataclass
class Config:
    domains: int = 4
    nouns: int = 40
    adjectives: int = 60
    experts: int = 4
    balance: float = 0.02
    lr: float = 5e-2
    epochs: int = 7
    batch: int = 100


cfg = Config()
gen = np.random.default_rng(31)
polarity = gen.choice([-1, 1], size=(cfg.domains, cfg.adjectives))


def make(n):
    dom = gen.integers(0, cfg.domains, n)
    nouns = dom[:, None] * cfg.nouns + gen.integers(0, cfg.nouns, (n, 7))
    adj = gen.integers(0, cfg.adjectives, (n, 7))
    y = polarity[dom[:, None], adj].sum(1) > 0            # odd count, no ties
    flip = gen.random(n) < 0.02
    x = np.concatenate([nouns, adj + cfg.domains * cfg.nouns], 1)
    x = gen.permuted(x, axis=1)
    return torch.from_numpy(x), torch.from_numpy(y ^ flip).float(), torch.from_numpy(dom)


class Mixture(nn.Module):
    """Experts are word-weight lists; the gate has a word-weight list of its own."""

    def __init__(self, vocab, n):
        super().__init__()
        self.gate = nn.EmbeddingBag(vocab, n, mode="sum")
        self.experts = nn.EmbeddingBag(vocab, n, mode="sum")
        nn.init.normal_(self.gate.weight, std=0.3)
        nn.init.normal_(self.experts.weight, std=0.1)

    def forward(self, x):
        g = self.gate(x).softmax(-1)
        mean = g.mean(0)
        return (g * self.experts(x)).sum(-1), g.size(1) * (mean * mean).sum(), g.argmax(-1)


torch.manual_seed(31)
X, Y, _ = make(9000)
Xd, Yd, Dd = make(1000)
net = Mixture(cfg.domains * cfg.nouns + cfg.adjectives, cfg.experts)
opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, cfg.lr, epochs=cfg.epochs, steps_per_epoch=len(X) // cfg.batch)
for epoch in range(cfg.epochs):
    net.train()
    s = b = a = 0.0
    for rows in torch.randperm(len(X)).view(-1, cfg.batch):
        logit, bal, _ = net(X[rows])
        task = F.binary_cross_entropy_with_logits(logit, Y[rows])
        opt.zero_grad(set_to_none=True)
        (task + cfg.balance * bal).backward()
        opt.step()
        sched.step()
        s += task.item(); b += bal.item(); a += ((logit > 0) == (Y[rows] > 0.5)).float().mean().item()
    net.eval()
    with torch.inference_mode():
        logit, _, k = net(Xd)
        acc = ((logit > 0) == (Yd > 0.5)).float().mean()
    steps = len(X) // cfg.batch
    print(f"epoch {epoch}: bce {s / steps:.3f} balance {b / steps:.3f} acc {a / steps:.3f} | dev acc {acc:.3f}")
print("expert x domain counts\n", torch.stack([Dd[k == e].bincount(minlength=cfg.domains) for e in range(cfg.experts)]).numpy())
