# Bayesian personalised ranking: users x songs, implicit feedback only.
# Held out: the last song each user played, ranked against 50 songs that they did not play.
import numpy as np
import torch

g = np.random.default_rng(17)
torch.manual_seed(17)
U, S, GENRES = 500, 240, 6
genre_of = g.integers(0, GENRES, S)
taste = g.dirichlet([0.15] * GENRES, U)
plays = []
for u in range(U):
    p = taste[u][genre_of] + 0.004
    plays.append(g.choice(S, size=26, replace=False, p=p / p.sum()))
plays = np.array(plays)
cut = g.integers(0, 26, U)
last = plays[np.arange(U), cut]
hist = np.array([np.delete(r, k) for r, k in zip(plays, cut)])
played = np.zeros((U, S), bool)
np.put_along_axis(played, plays, True, 1)


class MF(torch.nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.user = torch.nn.Embedding(U, k, sparse=True)
        self.song = torch.nn.Embedding(S, k, sparse=True)
        self.bias = torch.nn.Embedding(S, 1, sparse=True)
        torch.nn.init.normal_(self.user.weight, std=0.1)
        torch.nn.init.normal_(self.song.weight, std=0.1)
        torch.nn.init.zeros_(self.bias.weight)

    def forward(self, u, s):
        return (self.user(u) * self.song(s)).sum(-1) + self.bias(s).squeeze(-1)


mf = MF()
opt = torch.optim.SparseAdam(list(mf.parameters()), lr=0.03)
pairs = np.stack([np.repeat(np.arange(U), 25), hist.reshape(-1)], 1)
seen = np.zeros((U, S), bool)
np.put_along_axis(seen, hist, True, 1)

negs = np.stack([g.choice(np.flatnonzero(~played[u]), 50, replace=False) for u in range(U)])
for epoch in range(7):
    g.shuffle(pairs)
    tot = 0.0
    for b in np.array_split(pairs, 50):
        neg = g.integers(0, S, len(b))
        while True:                                      # no song of the user's own history
            bad = seen[b[:, 0], neg]
            if not bad.any():
                break
            neg[bad] = g.integers(0, S, bad.sum())
        u, i, j = torch.from_numpy(b[:, 0]), torch.from_numpy(b[:, 1]), torch.from_numpy(neg)
        x = mf(u, i) - mf(u, j)
        # L2 only on what the batch touched
        reg = mf.user(u).pow(2).sum(1) + mf.song(i).pow(2).sum(1) + mf.song(j).pow(2).sum(1)
        loss = -torch.nn.functional.logsigmoid(x).mean() + 0.004 * reg.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        us = torch.arange(U)
        sp = mf(us, torch.from_numpy(last))
        sn = mf(us[:, None], torch.from_numpy(negs))
        auc = (sp[:, None] > sn).float().mean().item()
        hit = ((sp[:, None] <= sn).sum(1) < 10).float().mean().item()
    print(f"epoch {epoch}: bpr {tot / 50:.4f}  held-out AUC {auc:.4f}  hit@10 {hit:.3f}")
