# Bayesian Personalised Ranking (Rendle et al. 2009) on implicit feedback, pure tensor ops, no autograd needed.
# Last item of every user is held out for test, the one before for validation.
import numpy as np
import torch

rng = np.random.default_rng(5)
U, I, K_TRUE, PER_USER = 600, 400, 6, 32


def make_log():
    """users with tastes pick items: softmax over dot products plus popularity"""
    taste = rng.normal(size=(U, K_TRUE))
    kind = rng.normal(size=(I, K_TRUE))
    pop = rng.normal(size=I) * 0.6
    score = 1.6 * taste @ kind.T + pop
    gumbel = rng.gumbel(size=(U, I))
    top = np.argsort(-(score + gumbel), axis=1)[:, :PER_USER]
    return rng.permuted(top, axis=1)


log = make_log()
train, valid, test = log[:, :-2], log[:, -2], log[:, -1]
seen = torch.zeros(U, I, dtype=torch.bool)
seen[torch.arange(U)[:, None], torch.from_numpy(train)] = True
pairs = torch.stack([torch.arange(U).repeat_interleave(train.shape[1]), torch.from_numpy(train).reshape(-1)], 1)

torch.manual_seed(5)
K, LR, REG = 12, 0.06, 0.01
P, Q, b = torch.randn(U, K) * 0.1, torch.randn(I, K) * 0.1, torch.zeros(I)


def hit_and_auc(held, k=20):
    s = P @ Q.T + b                       # all users against all items
    s = s.masked_fill(seen, float("-inf"))
    gold = s.gather(1, torch.from_numpy(held)[:, None])
    rank = (s > gold).sum(1)
    n_neg = (~seen).sum(1) - 1
    return (rank < k).float().mean().item(), (1 - rank / n_neg).mean().item()


def train_auc():
    s = P @ Q.T + b
    j = torch.randint(I, (len(pairs),))
    u, i = pairs.T
    ok = ~seen[u, j]
    return (s[u, i] > s[u, j])[ok].float().mean().item()


best = (-1, None)
for epoch in range(25):
    total, n = 0.0, 0
    for chunk in pairs[torch.randperm(len(pairs))].split(128):
        u, i = chunk[:, 0], chunk[:, 1]
        j = torch.randint(I, (len(u),))
        keep = ~seen[u, j]
        u, i, j = u[keep], i[keep], j[keep]
        pu, qi, qj = P[u], Q[i], Q[j]
        x = (pu * (qi - qj)).sum(1) + b[i] - b[j]
        g = torch.sigmoid(-x)[:, None]    # d log sigmoid(x) / dx
        P.index_add_(0, u, LR * (g * (qi - qj) - REG * pu))
        Q.index_add_(0, i, LR * (g * pu - REG * qi))
        Q.index_add_(0, j, LR * (-g * pu - REG * qj))
        b.index_add_(0, i, LR * (g[:, 0] - REG * b[i]))
        b.index_add_(0, j, LR * (-g[:, 0] - REG * b[j]))
        total -= torch.nn.functional.logsigmoid(x).sum().item()
        n += len(u)
    hr, auc = hit_and_auc(valid)
    if auc > best[0]:
        best = (auc, (P.clone(), Q.clone(), b.clone()))
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d} bpr {total / n:.4f} train auc {train_auc():.4f} valid auc {auc:.4f} hr@20 {hr:.4f}")

P, Q, b = best[1]
hr, auc = hit_and_auc(test)
print(f"test: auc {auc:.4f}, hr@20 {hr:.4f} (random {20 / (I - 30):.4f})")
