# Contract review: type of a clause (from the anonymised key terms that the extraction step leaves)
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    n_terms: int = 400
    n_types: int = 6
    terms_per_clause: int = 14
    width: int = 48
    hidden: int = 128
    batch: int = 64
    epochs: int = 6
    lr: float = 1e-3
    seed: int = 11


cfg = Config()
torch.manual_seed(cfg.seed)
rng = np.random.default_rng(cfg.seed)
TYPES = ["liability", "termination", "payment", "confidentiality", "warranty", "jurisdiction"]

# every clause type prefers some of the terms, all share the boilerplate
affinity = rng.gamma(0.35, 1.0, size=(cfg.n_types, cfg.n_terms))
boiler = rng.gamma(0.5, 1.0, size=cfg.n_terms)
profiles = 0.55 * affinity / affinity.sum(1, keepdims=True) + 0.45 * boiler / boiler.sum()


def draw(n):
    kinds = rng.integers(0, cfg.n_types, size=n)
    terms = np.stack([rng.choice(cfg.n_terms, size=cfg.terms_per_clause, p=profiles[k]) for k in kinds])
    return torch.from_numpy(terms), torch.from_numpy(kinds)


x_train, y_train = draw(3000)
x_dev, y_dev = draw(800)


class ClauseNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.terms = nn.Embedding(c.n_terms, c.width)
        self.fc1 = nn.Linear(c.width, c.hidden)
        self.fc2 = nn.Linear(c.hidden, c.hidden)
        self.out = nn.Linear(c.hidden, c.n_types)
        self.drop = nn.Dropout(0.5)
        self.reset()

    def reset(self):
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            else:
                # fault:
                nn.init.normal_(p, mean=0.0, std=1.0)
                # mended:
                #nn.init.normal_(p, mean=0.0, std=0.1)
                # end

    def forward(self, terms):
        h = self.terms(terms).mean(dim=1)
        h = self.drop(F.relu(self.fc1(h)))
        h = self.drop(F.relu(self.fc2(h)))
        return self.out(h)


net = ClauseNet(cfg)
optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr, weight_decay=1e-4)


@torch.no_grad()
def report(x, y):
    net.eval()
    logits = net(x)
    net.train()
    return F.cross_entropy(logits, y).item(), (logits.argmax(-1) == y).float().mean().item()


print("before   dev loss %.3f  acc %.3f" % report(x_dev, y_dev))
for epoch in range(cfg.epochs):
    order = torch.randperm(len(x_train))
    for start in range(0, len(order), cfg.batch):
        rows = order[start:start + cfg.batch]
        loss = F.cross_entropy(net(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tl, ta = report(x_train, y_train)
    dl, da = report(x_dev, y_dev)
    print(f"epoch {epoch:2d}  train {tl:.3f} / {ta:.3f}   dev {dl:.3f} / {da:.3f}")

with torch.no_grad():
    net.eval()
    guess = net(x_dev).argmax(-1)
for k, name in enumerate(TYPES):
    hit = (guess[y_dev == k] == k).float().mean().item()
    print(f"{name:16s} recall {hit:.2f}")
