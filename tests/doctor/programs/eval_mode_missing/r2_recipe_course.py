"""Guess the course of a meal (starter, main, dessert, drink, snack) from its ingredients."""
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class Cfg:
    n_ingredients: int = 350
    n_courses: int = 5
    dim: int = 20
    hidden: int = 24
    max_len: int = 9
    drop: float = 0.5
    lr: float = 0.008
    epochs: int = 8
    batch: int = 40
    seed: int = 17


cfg = Cfg()
torch.manual_seed(cfg.seed)


def make_recipes(n):
    """ingredient 0 is the filler; the others are tied to a course with varying strength"""
    course = torch.randint(0, cfg.n_courses, (n,))
    length = torch.randint(5, cfg.max_len + 1, (n,))
    per = (cfg.n_ingredients - 1) // cfg.n_courses
    typical = 1 + course[:, None] * per + torch.randint(0, per, (n, cfg.max_len))
    any_ = torch.randint(1, cfg.n_ingredients, (n, cfg.max_len))
    rows = torch.where(torch.rand(n, cfg.max_len) < 0.45, typical, any_)
    rows[torch.arange(cfg.max_len)[None, :] >= length[:, None]] = 0
    return rows, course


train_x, train_y = make_recipes(5000)
test_x, test_y = make_recipes(1000)


def build(cfg):
    g = lambda *s: (torch.randn(*s) / s[0] ** 0.5).requires_grad_()
    z = lambda n: torch.zeros(n, requires_grad=True)
    table = (torch.randn(cfg.n_ingredients, cfg.dim) * 0.4).requires_grad_()
    return {"table": table, "w1": g(cfg.dim, cfg.hidden), "b1": z(cfg.hidden),
            "w2": g(cfg.hidden, cfg.n_courses), "b2": z(cfg.n_courses)}


def apply_net(p, rows, training):
    present = (rows != 0).float().unsqueeze(-1)
    e = F.embedding(rows, p["table"]) * present
    # fault:
    v = F.dropout(e.sum(1) / present.sum(1), cfg.drop)
    h = F.dropout(torch.relu(v @ p["w1"] + p["b1"]), cfg.drop)
    # mended:
    #v = F.dropout(e.sum(1) / present.sum(1), cfg.drop, training=training)
    #h = F.dropout(torch.relu(v @ p["w1"] + p["b1"]), cfg.drop, training=training)
    # end
    return h @ p["w2"] + p["b2"]


def evaluate(p, x, y):
    with torch.no_grad():
        out = apply_net(p, x, training=False)
    return F.cross_entropy(out, y).item(), (out.argmax(-1) == y).float().mean().item()


def fit(p, cfg):
    opt = torch.optim.Adam(p.values(), lr=cfg.lr)
    for epoch in range(1, cfg.epochs + 1):
        for rows in torch.randperm(len(train_x)).split(cfg.batch):
            loss = F.cross_entropy(apply_net(p, train_x[rows], training=True), train_y[rows])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
        a, b = evaluate(p, train_x, train_y), evaluate(p, test_x, test_y)
        print(f"epoch {epoch}  train loss {a[0]:.3f} acc {a[1]:.3f}  |  test loss {b[0]:.3f} acc {b[1]:.3f}")
    return b[1]


if __name__ == "__main__":
    accuracy = fit(build(cfg), cfg)
    print(f"final test accuracy: {accuracy:.3f}, guessing {1 / cfg.n_courses:.3f}")
