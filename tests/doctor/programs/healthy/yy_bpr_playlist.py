# BPR matrix factorisation on implicit feedback (playlists x songs), leave-one-out evaluation.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(99); torch.manual_seed(99)
n_users, n_items, n_genres = 500, 200, 5
genre = np.random.randint(n_genres, size=n_items)
pop = np.random.gamma(2.0, size=n_items)
likes = np.random.dirichlet([0.15] * n_genres, size=n_users)

history, held = [], []
for u in range(n_users):
    p = likes[u][genre] * pop + 1e-3
    songs = np.random.choice(n_items, size=25, replace=False, p=p / p.sum())
    history.append(songs[:-1]); held.append(songs[-1])
seen = torch.zeros(n_users, n_items, dtype=torch.bool)
for u, s in enumerate(history):
    seen[u, s] = True
held = torch.tensor(held)
pairs = torch.tensor([(u, i) for u, s in enumerate(history) for i in s])


class MF(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.user = nn.Embedding(n_users, k, sparse=True)
        self.item = nn.Embedding(n_items, k, sparse=True)
        self.bias = nn.Embedding(n_items, 1, sparse=True)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.item.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)

    @torch.no_grad()
    def hit_rate(self, k=20):
        s = self.user.weight @ self.item.weight.T + self.bias.weight.T
        s[seen] = -float("inf")                                   # never recommend what is already in the playlist
        return (s.topk(k).indices == held[:, None]).any(1).float().mean().item()


popular = seen.sum(0).float().expand(n_users, -1).masked_fill(seen, -1)
print("hit@20 popularity %.3f, chance %.3f" % ((popular.topk(20).indices == held[:, None]).any(1).float().mean(), 20 / 176))
mf = MF()
opt = torch.optim.Adagrad(mf.parameters(), lr=0.15)
for epoch in range(12):
    total = 0.0
    for idx in torch.randperm(len(pairs)).split(300):
        u, i = pairs[idx].T
        j = torch.randint(n_items, i.shape)
        while (bad := seen[u, j]).any():                          # resample negatives that are positives
            j[bad] = torch.randint(n_items, (int(bad.sum()),))
        reg = 0.02 * (mf.user(u).square().sum(1) + mf.item(i).square().sum(1) + mf.item(j).square().sum(1)).mean()
        loss = -nn.functional.logsigmoid(mf(u, i) - mf(u, j)).mean() + reg
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(idx)
    if epoch % 2 == 1:
        print("epoch %2d bpr %.4f hit@20 %.3f" % (epoch + 1, total / len(pairs), mf.hit_rate()))
with torch.no_grad():
    it = nn.functional.normalize(mf.item.weight, dim=1)
    sim = it @ it.T - 2 * torch.eye(n_items)
    print("nearest song has the same genre: %.3f" % (genre[sim.argmax(1).numpy()] == genre).mean())
