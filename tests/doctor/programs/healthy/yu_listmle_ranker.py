import numpy as np, torch

# Learning to rank: Plackett-Luce likelihood (ListMLE, Xia 2008) on lists of unequal length
gen = np.random.default_rng(11)
D = 8
w_true = gen.normal(size=D)


def make_query():
    n = int(gen.integers(6, 16))
    base = gen.normal(size=D) * 2            # what all documents of a query have in common says nothing
    x = gen.normal(size=(n, D)) + base
    z = x - x.mean(0)
    util = z @ w_true + 1.5 * np.abs(z[:, 0]) - z[:, 1] * z[:, 2]
    util = util + gen.normal(size=n) * .3
    grade = np.clip(np.round((util - util.mean()) / util.std() + 1.2), 0, 4)
    return torch.tensor(z, dtype=torch.float32), torch.tensor(util, dtype=torch.float32), torch.tensor(grade, dtype=torch.float32)


queries = [make_query() for _ in range(800)]
tr, te = queries[:600], queries[600:]


def ndcg(s, g, k=5):
    disc = 1 / torch.log2(torch.arange(2., k + 2))
    gain = lambda o: ((2 ** g[o][:k] - 1) * disc).sum()
    best = gain(g.argsort(descending=True))
    return (gain(s.argsort(descending=True)) / best).item() if best > 0 else 1.0


torch.manual_seed(3)
W1 = (torch.randn(D, 48) / D ** .5).requires_grad_()
b1 = torch.zeros(48, requires_grad=True)
W2 = (torch.randn(48, 24) / 48 ** .5).requires_grad_()
b2 = torch.zeros(24, requires_grad=True)
w3 = (torch.randn(24) / 24 ** .5).requires_grad_()
params = [W1, b1, W2, b2, w3]
score = lambda x: torch.tanh(torch.tanh(x @ W1 + b1) @ W2 + b2) @ w3


def list_mle(s, order):
    s = s[order]
    tail = s.flip(0).logcumsumexp(0).flip(0)      # everything not yet placed
    return (tail - s).sum()


def mean_ndcg(qs):
    with torch.no_grad():
        return sum(ndcg(score(x), g) for x, _, g in qs) / len(qs)


opt = torch.optim.Adam(params, lr=8e-3)
EPOCHS, B = 6, 16
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(tr) // B))
print("random scorer: ndcg@5 %.3f" % mean_ndcg(te))
for ep in range(EPOCHS):
    perm = gen.permutation(len(tr))
    run = 0.
    for b in range(len(tr) // B):
        part = [tr[i] for i in perm[b * B:(b + 1) * B]]
        xs = torch.cat([x for x, _, _ in part])           # all documents of all queries in one matrix
        ss = score(xs).split([len(x) for x, _, _ in part])
        loss = sum(list_mle(s, u.argsort(descending=True)) for s, (_, u, _) in zip(ss, part)) / B
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        run += loss.item()
    if ep % 2 == 1:
        print(f"[{ep + 1:02d}] nll/list {run / (len(tr) // B):.3f}  ndcg@5 train {mean_ndcg(tr[:200]):.3f}  test {mean_ndcg(te):.3f}")
