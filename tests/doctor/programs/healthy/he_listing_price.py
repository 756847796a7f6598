"""Log price of a flat from the words of its listing, with an error bar: Gaussian likelihood, gradient accumulation."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.utils.data import DataLoader


@dataclass
class Setup:
    micro: int = 16
    accumulate: int = 4
    epochs: int = 10
    lr: float = 4e-3
    seed: int = 61


WORTH = {"balcony": .10, "terrace": .14, "garden": .12, "lift": .05, "parquet": .06, "renovated": .09, "fireplace": .08, "river": .15,
         "centre": .20, "quiet": .04, "noisy": -.10, "basement": -.15, "shared": -.20, "attic": -.04, "suburb": -.12, "unrenovated": -.14,
         "station": .03, "motorway": -.09, "view": .10, "garage": .09, "pool": .18, "damp": -.20, "modern": .07, "old": -.03}
PLAIN = "flat apartment to let nice rooms floor near with and kitchen bath available from now call owner building house area city of the in".split()
VAGUE = ["bargain", "negotiable", "upcoming"]           # listings with these words have a wide range of prices


def listing(rnd):
    feats = rnd.sample(list(WORTH), rnd.randint(2, 7))
    size = rnd.randint(3, 20) * 10
    toks = feats + ["sqm%d" % size] + rnd.choices(PLAIN, k=rnd.randint(5, 12))
    sigma = 0.03
    if rnd.random() < 0.25:
        toks.append(rnd.choice(VAGUE))
        sigma = 0.25
    rnd.shuffle(toks)
    return toks, 5.0 + 0.8 * math.log(size / 60) + sum(WORTH[f] for f in feats) + rnd.gauss(0, sigma)


class PriceNet(nn.Module):
    def __init__(self, n, mean):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, 32, mode="sum", padding_idx=0)
        nn.init.normal_(self.bag.weight, std=0.1)
        self.body = nn.Sequential(nn.Linear(32, 48), nn.GELU())
        self.mu = nn.Linear(48, 1)
        self.log_var = nn.Linear(48, 1)
        nn.init.constant_(self.mu.bias, mean)

    def forward(self, x):
        h = self.body(self.bag(x))
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1).clamp(-9, 3)


def nll(mu, log_var, y):
    return 0.5 * (log_var + (y - mu) ** 2 * torch.exp(-log_var)).mean()


def main():
    s = Setup()
    torch.manual_seed(s.seed)
    rnd = random.Random(s.seed)
    train, dev = [listing(rnd) for _ in range(4000)], [listing(rnd) for _ in range(600)]
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}

    def collate(rows):
        w = max(len(t) for t, _ in rows)
        return (torch.tensor([[vocab.get(k, 0) for k in t] + [0] * (w - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows]))

    loader = DataLoader(train, s.micro, shuffle=True, drop_last=True, collate_fn=collate)
    xd, yd = collate(dev)
    model = PriceNet(len(vocab) + 1, sum(y for _, y in train) / len(train))
    opt = torch.optim.AdamW(model.parameters(), lr=s.lr, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.8)
    opt.zero_grad()
    for epoch in range(1, s.epochs + 1):
        model.train()
        total = 0.0
        for i, (x, y) in enumerate(loader, 1):
            loss = nll(*model(x), y)
            (loss / s.accumulate).backward()
            total += loss.item()
            if i % s.accumulate == 0 or i == len(loader):
                nn.utils.clip_grad_norm_(model.parameters(), 2.0)
                opt.step()
                opt.zero_grad()
        sched.step()
        model.eval()
        with torch.no_grad():
            mu, lv = model(xd)
            inside = ((yd - mu).abs() < torch.exp(0.5 * lv)).float().mean().item()
            print(f"epoch {epoch:2d}  train nll {total / len(loader):+.3f}  dev nll {nll(mu, lv, yd).item():+.3f}"
                  f"  rmse {(mu - yd).pow(2).mean().sqrt().item():.3f} (spread {yd.std().item():.3f})  within one sigma {inside:.2f}")


if __name__ == "__main__":
    main()
