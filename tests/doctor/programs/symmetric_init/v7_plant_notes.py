"""Field notes to habitat, a maxout-free two layer reader written on bare tensors."""
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F

cfg = SimpleNamespace(habitats=8, own=22, shared=110, dim=20, hidden=40, lr=4e-3, epochs=8, batch=50, seed=77)


def note(rng):
    label = rng.randrange(cfg.habitats)
    tokens = [1 + label * cfg.own + rng.randrange(cfg.own) for _ in range(rng.randint(2, 4))]
    if rng.random() < 0.5:
        tokens.append(1 + rng.randrange(cfg.habitats * cfg.own))
    tokens += [1 + cfg.habitats * cfg.own + rng.randrange(cfg.shared) for _ in range(rng.randint(2, 6))]
    rng.shuffle(tokens)
    return tuple(tokens), label


def notebook(n):
    rng, pages = random.Random(cfg.seed), {}
    while len(pages) < n:
        tokens, label = note(rng)
        pages.setdefault(tokens, label)
    width = max(map(len, pages))
    x = torch.zeros(n, width, dtype=torch.long)
    for i, tokens in enumerate(pages):
        x[i, :len(tokens)] = torch.tensor(tokens)
    return x, torch.tensor(list(pages.values()))


class Parameters(dict):
    """A dictionary of leaves that can make new ones."""

    def table(self, name, rows, dim):
        t = torch.randn(rows, dim) * 0.1
        t[0].zero_()
        self[name] = t.requires_grad_()

    def dense(self, name, n_in, n_out):
        # fault:
        self[name + ".w"] = torch.full((n_in, n_out), 1.0 / n_in, requires_grad=True)
        # mended:
        #self[name + ".w"] = (torch.randn(n_in, n_out) * (2.0 / n_in) ** 0.5).requires_grad_()
        # end
        self[name + ".b"] = torch.zeros(n_out, requires_grad=True)


def build():
    p = Parameters()
    p.table("words", 1 + cfg.habitats * cfg.own + cfg.shared, cfg.dim)
    p.dense("inner", cfg.dim, cfg.hidden)
    p.dense("outer", cfg.hidden, cfg.habitats)
    return p


def apply_dense(p, name, x):
    return x @ p[name + ".w"] + p[name + ".b"]


def forward(p, x):
    keep = (x > 0).unsqueeze(-1).float()
    vec = p["words"][x] * keep
    mean = vec.sum(1) / keep.sum(1)
    return apply_dense(p, "outer", torch.tanh(apply_dense(p, "inner", mean)))


def train():
    torch.manual_seed(cfg.seed)
    x, y = notebook(4600)
    tx, ty, vx, vy = x[:4000], y[:4000], x[4000:], y[4000:]
    p = build()
    opt = torch.optim.Adam(p.values(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        running = 0.0
        for idx in torch.randperm(len(tx)).split(cfg.batch):
            loss = F.cross_entropy(forward(p, tx[idx]), ty[idx])
            grads = torch.autograd.grad(loss, list(p.values()))
            for leaf, g in zip(p.values(), grads):
                leaf.grad = g
            opt.step()
            running += loss.item() * len(idx)
        with torch.no_grad():
            out = forward(p, vx)
            acc = (out.argmax(1) == vy).float().mean().item()
            print(f"epoch {epoch + 1}: train loss {running / len(tx):.3f} valid loss {F.cross_entropy(out, vy).item():.3f} valid accuracy {acc:.3f}")
    with torch.no_grad():
        print(f"train accuracy {(forward(p, tx).argmax(1) == ty).float().mean().item():.3f}")


if __name__ == "__main__":
    train()
