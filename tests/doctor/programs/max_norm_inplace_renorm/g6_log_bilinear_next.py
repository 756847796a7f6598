"""Vector log-bilinear model of sessions: which item follows the last six?

p(next | context) ~ exp(<sum of context vectors, output vector>)
Trained with a full softmax over the 90 items, evaluated by perplexity and hit rate.
"""
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    items: int = 90
    groups: int = 9
    context: int = 6
    dim: int = 24
    sessions: int = 420
    length: int = 24
    lr: float = 0.01
    batch: int = 128
    epochs: int = 6
    seed: int = 8


def simulate(cfg, rng):
    """Sessions walk inside a group and hop to a following one; inside, items are Zipf distributed."""
    group_of = rng.permutation(np.arange(cfg.items) % cfg.groups)
    members = [np.where(group_of == g)[0] for g in range(cfg.groups)]
    pops = [(1.0 / np.arange(1, len(m) + 1) ** 1.5) for m in members]
    sessions = []
    for _ in range(cfg.sessions):
        g, s = rng.integers(cfg.groups), []
        for _ in range(cfg.length):
            if rng.random() < 0.1:
                g = (g + 1) % cfg.groups
            s.append(rng.choice(members[g], p=pops[g] / pops[g].sum()))
        sessions.append(s)
    return np.array(sessions)


def windows(sessions, n):
    ctx = np.lib.stride_tricks.sliding_window_view(sessions, n + 1, axis=1).reshape(-1, n + 1)
    ctx = torch.from_numpy(ctx.copy())
    return ctx[:, :n], ctx[:, n]


class LogBilinear(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        # fault:
        self.context = nn.Embedding(cfg.items, cfg.dim, max_norm=1.0)
        self.output = nn.Embedding(cfg.items, cfg.dim, max_norm=1.0)
        # mended:
        #self.context = nn.Embedding(cfg.items, cfg.dim)
        #self.output = nn.Embedding(cfg.items, cfg.dim)
        # end
        nn.init.normal_(self.context.weight, std=0.1)
        nn.init.normal_(self.output.weight, std=0.1)
        self.register_buffer("every", torch.arange(cfg.items))

    def forward(self, ctx):
        h = self.context(ctx).mean(1)
        return h @ self.output(self.every).t()


def report(model, ctx, nxt):
    model.eval()
    with torch.no_grad():
        z = model(ctx)
        ce = F.cross_entropy(z, nxt).item()
        hit = (z.argmax(1) == nxt).float().mean().item()
    return math.exp(ce), hit


def run(cfg):
    torch.manual_seed(cfg.seed)
    sessions = simulate(cfg, np.random.default_rng(cfg.seed))
    n_dev = cfg.sessions // 6
    ctx, nxt = windows(sessions[n_dev:], cfg.context)
    dctx, dnxt = windows(sessions[:n_dev], cfg.context)
    seen = set(map(tuple, torch.cat([ctx, nxt[:, None]], 1).tolist()))
    fresh = torch.tensor([tuple(r) not in seen for r in torch.cat([dctx, dnxt[:, None]], 1).tolist()])
    dctx, dnxt = dctx[fresh], dnxt[fresh]
    freq = torch.bincount(nxt, minlength=cfg.items).float() + 1
    uni = math.exp(-(freq / freq.sum()).log()[dnxt].mean().item())
    print(f"{len(nxt)} windows; unigram perplexity {uni:.1f}, most frequent item {(dnxt == freq.argmax()).float().mean().item():.3f}")

    model = LogBilinear(cfg)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        for ix in torch.randperm(len(nxt)).split(cfg.batch):
            loss = F.cross_entropy(model(ctx[ix]), nxt[ix])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        p, h = report(model, ctx, nxt)
        dp, dh = report(model, dctx, dnxt)
        print(f"epoch {epoch:2d} train ppl {p:6.2f} hit {h:.3f} | dev ppl {dp:6.2f} hit {dh:.3f}")


if __name__ == "__main__":
    run(Config())
