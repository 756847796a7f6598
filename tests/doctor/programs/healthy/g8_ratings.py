"""Biased matrix factorisation of reader x book ratings, functional, with per-group rates."""
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(14)
rng = np.random.default_rng(14)
READERS, BOOKS, RANK = 200, 150, 6


def world(n):
    u, v = rng.normal(0, 0.6, (READERS, 3)), rng.normal(0, 0.6, (BOOKS, 3))
    bu, bv = rng.normal(0, 0.4, READERS), rng.normal(0, 0.5, BOOKS)
    cells = rng.choice(READERS * BOOKS, n, replace=False)
    r, b = np.divmod(cells, BOOKS)
    stars = 3.2 + bu[r] + bv[b] + (u[r] * v[b]).sum(1) * 1.3 + rng.normal(0, 0.35, n)
    return torch.from_numpy(r), torch.from_numpy(b), torch.from_numpy(np.clip(stars, 1, 5)).float()


class Store(dict):
    """Parameters by name, attribute access for brevity."""
    __getattr__ = dict.__getitem__

    @classmethod
    def fresh(cls, mean):
        s = cls(reader=torch.randn(READERS, RANK) * 0.15, book=torch.randn(BOOKS, RANK) * 0.15,
                reader_bias=torch.zeros(READERS), book_bias=torch.zeros(BOOKS), mean=torch.tensor(mean))
        for t in s.values():
            t.requires_grad_(True)
        return s


def predict(s, r, b):
    dot = (F.embedding(r, s.reader) * F.embedding(b, s.book)).sum(-1)
    return s.mean + s.reader_bias[r] + s.book_bias[b] + dot


def penalty(s, r, b):
    return 0.04 * (s.reader[r].pow(2).sum(-1) + s.book[b].pow(2).sum(-1)).mean()


@torch.no_grad()
def rmse(s, r, b, y):
    return (predict(s, r, b).clamp(1, 5) - y).pow(2).mean().sqrt().item()


def main(epochs=9, size=128):
    r, b, y = world(16000)
    cut = 13500
    train, test = (r[:cut], b[:cut], y[:cut]), (r[cut:], b[cut:], y[cut:])
    store = Store.fresh(train[2].mean().item())
    opt = torch.optim.Adam([
        {"params": [store.reader, store.book], "lr": 1.2e-2},
        {"params": [store.reader_bias, store.book_bias, store.mean], "lr": 1e-2},
    ])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    flat = (test[2] - train[2].mean()).pow(2).mean().sqrt().item()
    for epoch in range(1, epochs + 1):
        for idx in torch.randperm(cut).split(size):
            rb, bb, yb = (t[idx] for t in train)
            loss = F.mse_loss(predict(store, rb, bb), yb) + penalty(store, rb, bb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        if epoch % 3 == 0:
            print(f"epoch {epoch:2d} rmse train {rmse(store, *train):.3f} test {rmse(store, *test):.3f} (mean only {flat:.3f})")


if __name__ == "__main__":
    main()
