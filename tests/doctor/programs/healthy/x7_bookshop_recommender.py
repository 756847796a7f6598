# ML-1 course, lab 6: implicit feedback. Pairwise ranking (BPR) with biases, negatives drawn anew in every step.
import numpy as np, torch
from scipy.sparse import csr_matrix
from torch.nn.functional import logsigmoid

N_USERS, N_BOOKS, K, D = 300, 160, 4, 12
gen = np.random.default_rng(42)
torch.manual_seed(42)

# --- clicks: every reader likes one or two genres, some books are simply popular
genre = gen.integers(0, K, N_BOOKS)
pop = gen.gamma(2.0, 1.0, N_BOOKS)
clicks = []
for u in range(N_USERS):
    taste = np.full(K, 0.04)
    taste[gen.choice(K, gen.integers(1, 3), replace=False)] = 1.0
    p = taste[genre] * pop
    clicks += [(u, b) for b in gen.choice(N_BOOKS, 26, replace=False, p=p / p.sum())]
clicks = np.array(clicks)
held = np.zeros(len(clicks), bool)
for u in range(N_USERS):
    mine = np.flatnonzero(clicks[:, 0] == u)
    held[gen.choice(mine, 5, replace=False)] = True
train, test = clicks[~held], clicks[held]
R = csr_matrix((np.ones(len(train)), (train[:, 0], train[:, 1])), shape=(N_USERS, N_BOOKS)).toarray().astype(bool)
H = csr_matrix((np.ones(len(test)), (test[:, 0], test[:, 1])), shape=(N_USERS, N_BOOKS)).toarray().astype(bool)

P = torch.nn.Parameter(0.1 * torch.randn(N_USERS, D))
Q = torch.nn.Parameter(0.1 * torch.randn(N_BOOKS, D))
b = torch.nn.Parameter(torch.zeros(N_BOOKS))
opt_u = torch.optim.Adam([P], lr=0.02)
opt_i = torch.optim.Adam([{'params': [Q]}, {'params': [b], 'lr': 0.03}], lr=0.02)
REG = 0.02


def score(u, i):
    return (P[u] * Q[i]).sum(-1) + b[i]


def auc(positives):
    """Mean over users of P(clicked book above a book never clicked)."""
    with torch.no_grad():
        S = (P @ Q.T + b).numpy()
    vals = []
    for u in range(N_USERS):
        pos, neg = S[u, positives[u]], S[u, ~R[u] & ~H[u]]
        vals.append((pos[:, None] > neg[None]).mean())
    return float(np.mean(vals))


def negatives(users):
    neg = gen.integers(0, N_BOOKS, len(users))
    while True:
        bad = R[users, neg]
        if not bad.any():
            return neg
        neg[bad] = gen.integers(0, N_BOOKS, bad.sum())


print('untrained  auc test %.3f' % auc(H))
for it in range(8):
    total = 0.0
    for rows in np.array_split(gen.permutation(len(train)), len(train) // 128):
        u, i = train[rows].T
        j = negatives(u)
        u, i, j = (torch.from_numpy(np.ascontiguousarray(a)) for a in (u, i, j))
        fit = -logsigmoid(score(u, i) - score(u, j)).mean()
        reg = REG * (P[u].pow(2).sum(1) + Q[i].pow(2).sum(1) + Q[j].pow(2).sum(1)).mean()
        opt_u.zero_grad(); opt_i.zero_grad()
        (fit + reg).backward()
        opt_u.step(); opt_i.step()
        total += fit.item() * len(u)
    print('iter %d  loss %.4f  auc train %.3f  test %.3f' % (it + 1, total / len(train), auc(R), auc(H)))

with torch.no_grad():
    S = (P @ Q.T + b).numpy()
S[R] = -np.inf
top = np.argsort(-S, axis=1)[:, :10]
hits = np.take_along_axis(H, top, axis=1).sum(1)
print('recall@10 %.3f (random %.3f)' % (hits.mean() / 5, 10 / (N_BOOKS - 21)))
