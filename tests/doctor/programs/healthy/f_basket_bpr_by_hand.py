"""Bayesian personalised ranking on implicit feedback, updates written out (no torch.optim).

Port of our old numpy job. Users 600, items 240, everything made up from a genre model so that CI needs no download.
"""
import numpy as np
import torch

rng = np.random.default_rng(11)
torch.manual_seed(11)
N_USERS, N_ITEMS, N_GENRES, DIM = 600, 240, 12, 8

genre = rng.integers(N_GENRES, size=N_ITEMS)
appeal = rng.gamma(1.2, 1.0, size=N_ITEMS) + 0.1
baskets = []
for u in range(N_USERS):
    taste = rng.dirichlet(np.full(N_GENRES, 0.12))
    p = (taste[genre] + 0.002) * appeal
    k = min(int(rng.integers(22, 36)), int((p > 1e-6).sum()))
    baskets.append(rng.permutation(rng.choice(N_ITEMS, size=k, replace=False, p=p / p.sum())))   # choice draws the likeliest first

# leave one out: one item of a user is for the test, another for validation
train = [b[:-2] for b in baskets]
valid = np.array([b[-2] for b in baskets])
test = np.array([b[-1] for b in baskets])
owned = np.zeros((N_USERS, N_ITEMS), dtype=bool)
for u, b in enumerate(train):
    owned[u, b] = True
pairs = np.array([(u, i) for u, b in enumerate(train) for i in b])
print(f"{len(pairs)} interactions, density {owned.mean():.3f}")


def leaf(*shape, scale=0.1):
    return (torch.randn(*shape) * scale).requires_grad_()


P, Q, bias = leaf(N_USERS, DIM), leaf(N_ITEMS, DIM), leaf(N_ITEMS, scale=0.0)
squares = {id(t): torch.full_like(t, 0.1) for t in (P, Q, bias)}


def score(u, i):
    return (P[u] * Q[i]).sum(-1) + bias[i]


@torch.no_grad()
def adagrad(t, rate):
    squares[id(t)] += t.grad ** 2
    t -= rate * t.grad / squares[id(t)].sqrt()
    t.grad = None


@torch.no_grad()
def hit_and_auc(held, hide=None):
    s = P @ Q.T + bias
    s[torch.from_numpy(owned)] = -1e9
    if hide is not None:
        s[torch.arange(N_USERS), torch.from_numpy(hide)] = -1e9
    mine = s[torch.arange(N_USERS), torch.from_numpy(held)][:, None]
    better = (s > mine).sum(1)
    rest = (s > -1e8).sum(1) - 1
    return (better < 10).float().mean().item(), (1 - better / rest).mean().item()


@torch.no_grad()
def train_auc():
    s = P @ Q.T + bias
    mask = torch.from_numpy(owned)
    return np.mean([(s[u][mask[u]][:, None] > s[u][~mask[u]][None]).float().mean().item() for u in range(0, N_USERS, 5)])


for epoch in range(16):
    rate = 0.15 * (1 - epoch / 16)
    order = rng.permutation(len(pairs))
    total = 0.0
    for start in range(0, len(order), 400):
        chunk = pairs[order[start:start + 400]]
        u, pos = torch.from_numpy(chunk[:, 0]), torch.from_numpy(chunk[:, 1])
        cand = rng.integers(N_ITEMS, size=len(chunk))
        while (clash := owned[chunk[:, 0], cand]).any():
            cand[clash] = rng.integers(N_ITEMS, size=int(clash.sum()))
        neg = torch.from_numpy(cand)
        ranking = -torch.nn.functional.logsigmoid(score(u, pos) - score(u, neg)).sum()
        ridge = 0.05 * (P[u] ** 2).sum() + 0.05 * (Q[pos] ** 2).sum() + 0.05 * (Q[neg] ** 2).sum()
        (ranking + ridge).backward()
        for t in (P, Q, bias):
            adagrad(t, rate)
        total += ranking.item()
    if epoch % 3 == 0 or epoch == 15:
        hit, auc = hit_and_auc(valid)
        print(f"epoch {epoch:2d}  bpr {total / len(pairs):.4f}  valid hit@10 {hit:.3f}  auc {auc:.3f}  (train auc {train_auc():.3f})")

pop = torch.from_numpy(owned.sum(0)).float()
print("test    hit@10 {:.3f}  auc {:.3f}".format(*hit_and_auc(test, hide=valid)))
with torch.no_grad():
    P.zero_(), bias.copy_(pop)
print("popular hit@10 {:.3f}  auc {:.3f}".format(*hit_and_auc(test, hide=valid)))
