"""Functional frame tagger: which machine state does each event code belong to, given its neighbours?"""
from __future__ import annotations

import dataclasses
import math

import torch
import torch.nn.functional as F


@dataclasses.dataclass
class Config:
    codes: int = 60
    states: int = 4
    length: int = 24
    dim: int = 20
    hidden: int = 48
    reach: int = 3
    batch: int = 50
    epochs: int = 10
    lr: float = 4e-3
    seed: int = 2


def simulate(cfg, n, gen, emit):
    """Sticky hidden chain, noisy emissions."""
    state = torch.randint(cfg.states, (n,), generator=gen)
    xs, ys = [], []
    for _ in range(cfg.length):
        jump = torch.rand(n, generator=gen) < 0.12
        state = torch.where(jump, torch.randint(cfg.states, (n,), generator=gen), state)
        xs.append(torch.multinomial(emit[state], 1, generator=gen).squeeze(1))
        ys.append(state)
    return torch.stack(xs, 1), torch.stack(ys, 1)


def init_params(cfg, gen):
    span = 2 * cfg.reach + 1
    def normal(*shape, scale):
        return (torch.randn(*shape, generator=gen) * scale).requires_grad_()
    return {
        "code": normal(cfg.codes + 1, cfg.dim, scale=0.4),
        "mix.w": normal(span * cfg.dim, cfg.hidden, scale=1 / math.sqrt(span * cfg.dim)),
        "mix.b": torch.zeros(cfg.hidden, requires_grad=True),
        "tag.w": normal(cfg.hidden, cfg.states, scale=1 / math.sqrt(cfg.hidden)),
        "tag.b": torch.zeros(cfg.states, requires_grad=True),
    }


def orthogonalise(params):
    """Returns the dictionary with every weight matrix replaced by its nearest orthogonal one."""
    out = {}
    for name, p in params.items():
        q = p.detach()
        if name.endswith(".w"):
            u, _, v = torch.linalg.svd(q, full_matrices=False)
            q = u @ v
        out[name] = q.clone().requires_grad_()
    return out


def apply(params, cfg, ids):
    edge = torch.full((ids.shape[0], cfg.reach), cfg.codes)
    x = F.embedding(torch.cat([edge, ids, edge], 1), params["code"])
    x = x.unfold(1, 2 * cfg.reach + 1, 1).flatten(2)
    h = F.silu(x @ params["mix.w"] + params["mix.b"])
    return h @ params["tag.w"] + params["tag.b"]


def accuracy(params, cfg, x, y):
    with torch.no_grad():
        return (apply(params, cfg, x).argmax(-1) == y).float().mean().item()


class Engine:
    def __init__(self, cfg):
        self.cfg = cfg
        self.gen = torch.Generator().manual_seed(cfg.seed)
        self.params = init_params(cfg, self.gen)
        # fault:
        self.opt = torch.optim.Adam(self.params.values(), lr=cfg.lr)
        self.params = orthogonalise(self.params)
        # mended:
        #self.params = orthogonalise(self.params)
        #self.opt = torch.optim.Adam(self.params.values(), lr=cfg.lr)
        # end
        self.decay = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg.epochs)

    def epoch(self, x, y):
        total = 0.0
        for idx in torch.randperm(len(x), generator=self.gen).split(self.cfg.batch):
            logits = apply(self.params, self.cfg, x[idx])
            loss = F.cross_entropy(logits.flatten(0, 1), y[idx].flatten())
            for p in self.params.values():
                p.grad = None
            loss.backward()
            self.opt.step()
            total += loss.item() * len(idx)
        self.decay.step()
        return total / len(x)


def main():
    cfg = Config()
    gen = torch.Generator().manual_seed(99)
    emit = torch.softmax(torch.randn(cfg.states, cfg.codes, generator=gen) * 1.3, -1)
    x_tr, y_tr = simulate(cfg, 2400, gen, emit)
    x_te, y_te = simulate(cfg, 500, gen, emit)
    engine = Engine(cfg)
    print("most common state:", (y_te == y_tr.flatten().mode().values).float().mean().item())
    for e in range(cfg.epochs):
        loss = engine.epoch(x_tr, y_tr)
        print(f"{e + 1:2d} loss {loss:.4f} train {accuracy(engine.params, cfg, x_tr, y_tr):.3f} "
              f"test {accuracy(engine.params, cfg, x_te, y_te):.3f}")


if __name__ == "__main__":
    main()
