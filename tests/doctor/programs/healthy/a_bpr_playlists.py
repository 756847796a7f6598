"""BPR-MF (Rendle 2009) on implicit feedback. Old project ported from Theano, so updates are written by hand."""
import numpy as np
import torch

rng = np.random.default_rng(4)
torch.manual_seed(4)
USERS, SONGS, GENRES = 300, 240, 6
LR, REG, DIM = 0.3, 0.02, 6

genre = rng.integers(0, GENRES, SONGS)
taste = rng.dirichlet(np.full(GENRES, 0.1), USERS)
appeal = rng.gamma(4.0, 0.25, SONGS)
likes = []
for u in range(USERS):
    p = (taste[u][genre] + 0.0005) * appeal
    likes.append(rng.choice(SONGS, 26, replace=False, p=p / p.sum()))
train = np.array([(u, s) for u in range(USERS) for s in likes[u][:22]])
test = [likes[u][22:] for u in range(USERS)]
known = np.zeros((USERS, SONGS), dtype=bool)
known[train[:, 0], train[:, 1]] = True

P = torch.randn(USERS, DIM) * 0.1
Q = torch.randn(SONGS, DIM) * 0.1
b = torch.zeros(SONGS)


def sample_negatives(users):
    neg = rng.integers(0, SONGS, len(users))
    bad = known[users, neg]
    while bad.any():
        neg[bad] = rng.integers(0, SONGS, bad.sum())
        bad = known[users, neg]
    return neg


def auc(items_of):
    scores = (P @ Q.T + b).numpy()
    out = []
    for u in range(USERS):
        pos = items_of(u)
        mask = ~known[u]
        mask[test[u]] = False
        out.append((scores[u][pos][:, None] > scores[u][mask][None]).mean())
    return float(np.mean(out))


print(f"start: test AUC {auc(lambda u: test[u]):.3f}")
for epoch in range(1, 9):
    loss_sum = 0.0
    order = rng.permutation(len(train))
    for chunk in np.array_split(order, 60):
        u, i = train[chunk].T
        j = sample_negatives(u)
        u, i, j = map(torch.from_numpy, (u, i, j))
        pu, qi, qj = P[u], Q[i], Q[j]
        x = (pu * (qi - qj)).sum(1) + b[i] - b[j]
        s = torch.sigmoid(-x)                     # = -d loss / d x
        loss_sum += torch.nn.functional.softplus(-x).sum().item()
        s_ = s[:, None]
        gp, gi, gj = s_ * (qi - qj) - REG * pu, s_ * pu - REG * qi, -s_ * pu - REG * qj
        P.index_add_(0, u, LR * gp)
        Q.index_add_(0, i, LR * gi)
        Q.index_add_(0, j, LR * gj)
        b.index_add_(0, i, LR * (s - REG * b[i]))
        b.index_add_(0, j, LR * (-s - REG * b[j]))
    print(f"epoch {epoch}: BPR loss {loss_sum / len(train):.4f}  train AUC {auc(lambda u: likes[u][:22]):.3f}  test AUC {auc(lambda u: test[u]):.3f}")
