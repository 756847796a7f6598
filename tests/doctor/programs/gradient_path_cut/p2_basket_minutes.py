"""How many minutes does a picker need for an online grocery basket?  Ragged baskets stored as one long id array plus offsets."""
import argparse
import numpy as np
import torch

ap = argparse.ArgumentParser()
ap.add_argument("--items", type=int, default=160)
ap.add_argument("--baskets", type=int, default=4000)
ap.add_argument("--width", type=int, default=12)
ap.add_argument("--epochs", type=int, default=13)
ap.add_argument("--seed", type=int, default=5)
args = ap.parse_args()

torch.manual_seed(args.seed)
rng = np.random.default_rng(args.seed)


class Baskets:
    """flat: item ids one after another; start[i]: where basket i begins."""

    def __init__(self, rows, minutes):
        self.flat = np.concatenate(rows)
        self.size = np.array([len(r) for r in rows])
        self.start = np.concatenate([[0], np.cumsum(self.size)[:-1]])
        self.minutes = torch.tensor(minutes, dtype=torch.float32)

    def __len__(self):
        return len(self.size)

    def take(self, which):
        rows = [self.flat[self.start[i]:self.start[i] + self.size[i]] for i in which]
        ids = np.concatenate(rows)
        size = self.size[which]
        return ids, size, self.minutes[torch.as_tensor(which)]


def simulate(n):
    # most goods stand by the aisle, some are behind the counter, in the cellar, or weigh a lot
    effort = rng.choice([0.2, 0.4, 1.5, 3.0], size=args.items, p=[.35, .3, .2, .15]) * rng.uniform(.8, 1.2, args.items)
    rows, mins = [], []
    for _ in range(n):
        k = rng.integers(3, 13)
        r = rng.integers(0, args.items, size=k)
        rows.append(r)
        mins.append(2.0 + effort[r].sum() + rng.normal(0, 0.4))
    return rows, np.array(mins)


rows, mins = simulate(args.baskets)
cut = int(.85 * args.baskets)
mu, sd = mins[:cut].mean(), mins[:cut].std()
train = Baskets(rows[:cut], (mins[:cut] - mu) / sd)
held = Baskets(rows[cut:], (mins[cut:] - mu) / sd)

W = {
    "goods": (torch.randn(args.items, args.width) * .3).requires_grad_(),
    "mix": (torch.randn(args.width, 24) * .3).requires_grad_(),
    "mix0": torch.zeros(24, requires_grad=True),
    "out": (torch.randn(24) * .2).requires_grad_(),
    "out0": torch.zeros((), requires_grad=True),
}


def basket_sums(table, ids, size):
    # fault:
    rows = table.data.numpy()[ids]
    begin = np.concatenate([[0], np.cumsum(size)[:-1]])
    return torch.from_numpy(np.add.reduceat(rows, begin, axis=0))
    # mended:
    #rows = table[torch.from_numpy(ids)]
    #owner = torch.repeat_interleave(torch.arange(len(size)), torch.from_numpy(size))
    #return torch.zeros(len(size), table.shape[1]).index_add(0, owner, rows)
    # end


def estimate(W, ids, size):
    s = basket_sums(W["goods"], ids, size)
    h = torch.nn.functional.leaky_relu(s @ W["mix"] + W["mix0"], 0.1)
    return torch.einsum("bh,h->b", h, W["out"]) + W["out0"]


def r2(W, data):
    with torch.no_grad():
        ids, size, y = data.take(np.arange(len(data)))
        res = ((estimate(W, ids, size) - y) ** 2).mean()
        return 1 - (res / y.var(unbiased=False)).item()


opt = torch.optim.Adam(W.values(), lr=4e-3)
for ep in range(args.epochs):
    order = rng.permutation(len(train))
    acc = []
    if ep == args.epochs - 5:
        for g in opt.param_groups:
            g["lr"] *= 0.2
    for i in range(0, len(order), 64):
        ids, size, y = train.take(order[i:i + 64])
        loss = ((estimate(W, ids, size) - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc.append(loss.item())
    if ep % 3 == 0 or ep == args.epochs - 1:
        print(f"epoch {ep:2d}: squared error {np.mean(acc):.3f}, held-out R2 {r2(W, held):.3f}")

ids, size, y = held.take(np.arange(len(held)))
with torch.no_grad():
    err = (estimate(W, ids, size) - y).abs().mean().item() * sd
print(f"R2 train {r2(W, train):.3f}  held out {r2(W, held):.3f}  mean error {err:.2f} min (spread {sd:.2f} min)")
