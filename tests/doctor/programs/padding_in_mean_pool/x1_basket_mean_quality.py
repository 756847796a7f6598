"""Predict the average quality score of a basket from the ids of its goods (time-major batches)."""
import numpy as np
import torch
from torch import nn

ITEMS, DIM, TMAX = 120, 6, 30
rng = np.random.RandomState(21)
torch.manual_seed(21)
quality = rng.randn(ITEMS + 1)          # id 0 is the filler


def make(n):
    baskets = [rng.randint(1, ITEMS + 1, size=rng.randint(1, TMAX + 1)) for _ in range(n)]
    y = np.array([quality[b].mean() + 1.5 + 0.05 * rng.randn() for b in baskets], dtype=np.float32)
    grid = np.zeros((TMAX, n), dtype=np.int64)
    for k, b in enumerate(baskets):
        grid[:len(b), k] = b
    return grid, y


def stream(grid, y, size, epochs):
    """generator of (epoch, ids (T, B), targets (B,))"""
    for e in range(epochs):
        perm = rng.permutation(len(y))
        for s in range(0, len(y), size):
            p = perm[s:s + size]
            yield e, torch.from_numpy(grid[:, p]), torch.from_numpy(y[p])


class BasketNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.goods = nn.Embedding(ITEMS + 1, DIM, padding_idx=0)
        self.lift = nn.Linear(DIM, 16)
        self.score = nn.Linear(16, 1)

    def forward(self, ids):                       # ids: (T, B)
        h = torch.tanh(self.lift(self.goods(ids)))  # (T, B, 16)
        # fault:
        pooled = h.mean(dim=0)
        # mended:
        # keep = (ids > 0).to(h.dtype)
        # pooled = torch.einsum("tbh,tb->bh", h, keep) / keep.sum(0).unsqueeze(-1)
        # end
        return self.score(pooled)[:, 0]


def r2(net, grid, y):
    net.eval()
    with torch.no_grad():
        p = net(torch.from_numpy(grid)).numpy()
    net.train()
    return 1 - ((p - y) ** 2).mean() / y.var()


train, test = make(6000), make(1500)
net = BasketNet()
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.0)
EPOCHS = 8
total = EPOCHS * -(-6000 // 100)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: max(0.02, 1 - k / total))
last, acc = 0, []
for e, ids, target in stream(*train, 100, EPOCHS):
    if e != last:
        print(f"epoch {last} mse {np.mean(acc):.4f} test R2 {r2(net, *test):.4f}")
        last, acc = e, []
    loss = nn.functional.mse_loss(net(ids), target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    acc.append(loss.item())
print(f"final mse {np.mean(acc):.4f}  train R2 {r2(net, *train):.4f}  test R2 {r2(net, *test):.4f}")
