# Implicit-feedback matrix factorisation on playlists (synthetic taste groups), sampled negatives.
import numpy as np
import torch
from torch import nn, optim
from scipy.stats import rankdata

np.random.seed(1)
torch.manual_seed(1)
N_USERS, N_TRACKS, K = 300, 240, 8

taste_u = np.random.randn(N_USERS, 4)
taste_i = np.random.randn(N_TRACKS, 4)
affinity = taste_u @ taste_i.T
ranked = np.argsort(-(affinity + 0.5 * np.random.randn(*affinity.shape)), axis=1)[:, :40]      # 40 plays each
plays = np.zeros((N_USERS, N_TRACKS), bool)
np.put_along_axis(plays, ranked, True, axis=1)

train_pairs, held = [], []
for u in range(N_USERS):
    tracks = np.random.permutation(ranked[u])
    train_pairs += [(u, t) for t in tracks[:32]]
    held += [(u, t, 1) for t in tracks[32:]]
    held += [(u, t, 0) for t in np.random.choice(np.flatnonzero(~plays[u]), 8, replace=False)]
train_pairs, held = np.array(train_pairs), np.array(held)
seen = np.zeros_like(plays)
seen[train_pairs[:, 0], train_pairs[:, 1]] = True


class MF(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(N_USERS, K, sparse=True)
        self.track = nn.Embedding(N_TRACKS, K, sparse=True)
        self.pop = nn.Embedding(N_TRACKS, 1, sparse=True)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.track.weight, std=0.1)
        nn.init.zeros_(self.pop.weight)

    def forward(self, u, t):
        return (self.user(u) * self.track(t)).sum(-1) + self.pop(t).squeeze(-1)


mf = MF()
# fault:
opt = optim.RMSprop(mf.parameters(), lr=0.01)
# mended:
# opt = optim.SparseAdam(list(mf.parameters()), lr=0.01)
# end
bce = nn.BCEWithLogitsLoss()
hu, ht, hy = (torch.as_tensor(held[:, c]) for c in range(3))

for epoch in range(7):
    np.random.shuffle(train_pairs)
    epoch_loss = []
    for s in range(0, len(train_pairs), 128):
        pos = train_pairs[s:s + 128]
        users = np.repeat(pos[:, 0], 3)
        neg = np.random.randint(0, N_TRACKS, len(users))
        ok = ~seen[users, neg]
        u = torch.as_tensor(np.concatenate([pos[:, 0], users[ok]]))
        t = torch.as_tensor(np.concatenate([pos[:, 1], neg[ok]]))
        y = torch.cat([torch.ones(len(pos)), torch.zeros(int(ok.sum()))])
        loss = bce(mf(u, t), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        epoch_loss.append(loss.item())
    with torch.no_grad():
        ranks = rankdata(mf(hu, ht).numpy())
        p = int(hy.sum())
        auc = (ranks[hy.numpy() == 1].sum() - p * (p + 1) / 2) / (p * (len(hy) - p))
    print(f"epoch {epoch:2d}  loss {np.mean(epoch_loss):.4f}  held-out AUC {auc:.4f}")
