# Bayesian personalised ranking (Rendle et al. 2009) for playlists; listeners have tastes in 6 genres.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(77)
torch.manual_seed(77)
USERS, SONGS, GENRES, PLAYS = 400, 300, 6, 40

song_genre = rng.integers(0, GENRES, SONGS)
popularity = rng.gamma(2.0, 1.0, SONGS)
taste = rng.dirichlet([0.25] * GENRES, USERS)
plays = []
for u in range(USERS):
    p = (taste[u][song_genre] + 0.01) * popularity
    plays.append(rng.permutation(rng.choice(SONGS, PLAYS, replace=False, p=p / p.sum())))
train = np.array([(u, s) for u in range(USERS) for s in plays[u][:-5]])
held = np.array([(u, s) for u in range(USERS) for s in plays[u][-5:]])
heard = np.zeros((USERS, SONGS), dtype=bool)
heard[train[:, 0], train[:, 1]] = True
ever = heard.copy()
ever[held[:, 0], held[:, 1]] = True


class MF(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.user = nn.Embedding(USERS, k)
        self.song = nn.Embedding(SONGS, k)
        self.bias = nn.Embedding(SONGS, 1)
        for e in (self.user, self.song):
            nn.init.normal_(e.weight, 0, 0.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, s):
        return (self.user(u) * self.song(s)).sum(-1) + self.bias(s).squeeze(-1)


def negatives(users):
    s = rng.integers(0, SONGS, len(users))
    bad = heard[users, s]
    while bad.any():
        s[bad] = rng.integers(0, SONGS, bad.sum())
        bad = heard[users, s]
    return s


@torch.no_grad()
def auc(model, pairs):
    scores = (model.user.weight @ model.song.weight.T + model.bias.weight.T).numpy()
    wins = [(scores[u, s] > scores[u, ~ever[u]]).mean() for u, s in pairs]
    return float(np.mean(wins))


model = MF()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
reg = 1e-2
print("before", round(auc(model, held), 3))
for epoch in range(10):
    order = rng.permutation(len(train))
    neg = negatives(train[:, 0])
    total = 0
    for i in range(0, len(order), 512):
        k = order[i:i + 512]
        u, s, n = torch.from_numpy(train[k, 0]), torch.from_numpy(train[k, 1]), torch.from_numpy(neg[k])
        diff = model(u, s) - model(u, n)
        penalty = model.user(u).pow(2).sum(1) + model.song(s).pow(2).sum(1) + model.song(n).pow(2).sum(1)
        loss = -nn.functional.logsigmoid(diff).mean() + reg * penalty.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(k)
    print(f"epoch {epoch:2d} loss {total / len(train):.4f} auc train {auc(model, train[::10]):.3f} held-out {auc(model, held):.3f}")
