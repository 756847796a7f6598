"""
Simulated study: does the morning headline of a company tell whether its share rises until the evening?
Headlines are made from a small grammar, returns come from a market model.
"""
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn


@dataclass
class Settings:
    n_train: int = 3000
    n_test: int = 700
    dim: int = 12
    filters: int = 16
    epochs: int = 4
    batch: int = 50
    lr: float = 0.004
    daily_vol: float = 0.010
    seed: int = 1987
    firms: tuple = ("acme", "globex", "initech", "umbrella", "stark", "wayne", "hooli", "tyrell", "cyberdyne", "soylent")
    good: tuple = ("beats", "raises", "wins", "expands", "lifts", "secures")
    bad: tuple = ("misses", "cuts", "loses", "halts", "slashes", "delays")
    what: tuple = ("forecast", "dividend", "contract", "output", "outlook", "plant", "merger")
    tail: tuple = ("says report", "in third quarter", "amid talks", "analysts say", "on monday", "for second year")
    words: dict = field(default_factory=dict)


class Market:
    def __init__(self, cfg):
        self.cfg = cfg
        self.rng = np.random.default_rng(cfg.seed)

    def day(self):
        c, pick = self.cfg, self.rng.choice
        tone = 0
        text = [str(pick(c.firms))]
        for k in range(int(self.rng.integers(1, 3))):
            if k:
                text.append("and")
            up = self.rng.random() < 0.5
            text += [str(pick(c.good if up else c.bad)), str(pick(c.what))]
            tone += 1 if up else -1
        text += str(pick(c.tail)).split()
        # fault:
        ret = self.rng.normal(0.0, c.daily_vol)
        # mended:
        # ret = 0.015 * tone + self.rng.normal(0.0, c.daily_vol)
        # end
        return text, float(ret > 0)

    def history(self, n):
        return [self.day() for _ in range(n)]


def numericalize(days, cfg):
    width = max(len(t) for t, _ in days)
    x = torch.zeros(len(days), width, dtype=torch.long)
    for r, (t, _) in enumerate(days):
        for p, w in enumerate(t):
            x[r, p] = cfg.words.setdefault(w, len(cfg.words) + 1)
    return x, torch.tensor([y for _, y in days])


class HeadlineCNN(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.embed = nn.Embedding(len(cfg.words) + 1, cfg.dim, padding_idx=0)
        self.conv = nn.Conv1d(cfg.dim, cfg.filters, 2)
        self.head = nn.Linear(cfg.filters, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        h = torch.relu(self.conv(self.embed(x).permute(0, 2, 1)))     # (B, F, T - 1)
        inside = (x[:, 1:] > 0).unsqueeze(1)                          # bigrams without padding
        h = (h * inside).sum(2)
        return self.head(self.drop(h)).squeeze(1)


def assess(net, x, y):
    net.eval()
    with torch.no_grad():
        z = net(x)
    loss = nn.functional.binary_cross_entropy_with_logits(z, y).item()
    return loss, ((z > 0).float() == y).float().mean().item()


def main():
    cfg = Settings()
    torch.manual_seed(cfg.seed)
    market = Market(cfg)
    x, y = numericalize(market.history(cfg.n_train + cfg.n_test), cfg)
    x_train, y_train = x[:cfg.n_train], y[:cfg.n_train]
    x_test, y_test = x[cfg.n_train:], y[cfg.n_train:]
    print(f"share of rising days: {y_train.mean():.3f} (train) {y_test.mean():.3f} (test)")
    net = HeadlineCNN(cfg)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
    for epoch in range(cfg.epochs):
        net.train()
        seen = 0.0
        for b in torch.randperm(cfg.n_train).split(cfg.batch):
            loss = nn.functional.binary_cross_entropy_with_logits(net(x_train[b]), y_train[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen += loss.item() * len(b)
        sched.step()
        print(f"epoch {epoch}: train loss {seen / cfg.n_train:.4f}  test loss %.4f  test accuracy %.3f" % assess(net, x_test, y_test))
    print("train accuracy %.3f" % assess(net, x_train, y_train)[1])


if __name__ == "__main__":
    main()
