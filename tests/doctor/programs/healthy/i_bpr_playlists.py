# Implicit feedback: Bayesian Personalised Ranking on play events (Rendle et al. 2009), sparse tables.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 11
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

N_USERS, N_TRACKS, PLAYS = 500, 240, 50


def simulate():
    """every listener has a taste in 3 dimensions, and some tracks are simply popular"""
    taste = rng.normal(size=(N_USERS, 3))
    style = rng.normal(size=(N_TRACKS, 3))
    pop = rng.normal(scale=0.8, size=N_TRACKS)
    util = 1.5 * taste @ style.T + pop + rng.gumbel(size=(N_USERS, N_TRACKS))
    return np.argsort(-util, axis=1)[:, :PLAYS]          # distinct tracks per user


plays = simulate()
for row in plays:
    rng.shuffle(row)
train_plays, test_plays = plays[:, :40], plays[:, 40:]
heard = np.zeros((N_USERS, N_TRACKS), dtype=bool)
heard[np.arange(N_USERS)[:, None], train_plays] = True
ever = heard.copy()
ever[np.arange(N_USERS)[:, None], test_plays] = True


class BPR(nn.Module):
    def __init__(self, users, items, k=4):
        super().__init__()
        self.P = nn.Embedding(users, k, sparse=True)
        self.Q = nn.Embedding(items, k, sparse=True)
        self.b = nn.Embedding(items, 1, sparse=True)
        nn.init.normal_(self.P.weight, std=0.1)
        nn.init.normal_(self.Q.weight, std=0.1)
        nn.init.zeros_(self.b.weight)

    def forward(self, u, i, j):
        p, qi, qj = self.P(u), self.Q(i), self.Q(j)
        margin = (p * (qi - qj)).sum(1) + (self.b(i) - self.b(j)).squeeze(1)
        reg = p.pow(2).sum(1) + qi.pow(2).sum(1) + qj.pow(2).sum(1)
        return margin, reg.mean()

    @torch.no_grad()
    def all_scores(self):
        return (self.P.weight @ self.Q.weight.t() + self.b.weight.t()).numpy()


def auc(scores, positives):
    total = []
    for u in range(N_USERS):
        neg = scores[u, ~ever[u]]
        pos = scores[u, positives[u]]
        total.append((pos[:, None] > neg[None]).mean())
    return float(np.mean(total))


def recall_at(scores, k=20):
    s = scores.copy()
    s[heard] = -np.inf
    top = np.argpartition(-s, k, axis=1)[:, :k]
    return np.mean([len(set(t) & set(p)) / len(p) for t, p in zip(top, test_plays)])


net = BPR(N_USERS, N_TRACKS)
opt = torch.optim.SparseAdam(net.parameters(), lr=0.02)
users = np.repeat(np.arange(N_USERS), train_plays.shape[1])
pos = train_plays.reshape(-1)

for epoch in range(8):
    if epoch == 6:
        for g in opt.param_groups:
            g["lr"] = 0.005
    perm = rng.permutation(len(users))
    running = 0.0
    for chunk in np.array_split(perm, 50):
        u, i = users[chunk], pos[chunk]
        j = rng.integers(0, N_TRACKS, size=len(chunk))
        while (clash := heard[u, j]).any():
            j[clash] = rng.integers(0, N_TRACKS, size=clash.sum())
        margin, reg = net(*(torch.as_tensor(x) for x in (u, i, j)))
        loss = -F.logsigmoid(margin).mean() + 0.01 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    s = net.all_scores()
    print(f"epoch {epoch + 1}  bpr {running / 50:.4f}  AUC train {auc(s, train_plays):.4f}  test {auc(s, test_plays):.4f}")

print("recall@20 %.3f (popularity alone: %.3f)" % (
    recall_at(s), recall_at(np.tile(heard.sum(0), (N_USERS, 1)).astype(float))))
