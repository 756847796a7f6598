# Matrix factorization with biases -- Kaggle style notebook (In [1] ... In [5]) exported as script
import numpy as np
import torch
from torch.utils.data import TensorDataset, DataLoader

# In [1]: no data upload allowed here, so simulate a MovieLens-like table
rs = np.random.RandomState(0)
n_users, n_movies, k_true = 150, 80, 2
P, Q = rs.normal(0, .8, (n_users, k_true)), rs.normal(0, .8, (n_movies, k_true))
bu, bm = rs.normal(0, .4, n_users), rs.normal(0, .5, n_movies)
full = 3.4 + bu[:, None] + bm[None] + P @ Q.T + rs.normal(0, .25, (n_users, n_movies))
cells = rs.permutation(n_users * n_movies)[:9500]          # each (user, movie) rated once at most
u, m = cells // n_movies, cells % n_movies
r = np.clip(np.round(full[u, m] * 2) / 2, 0.5, 5.0).astype(np.float32)

# In [2]: split
cut = 8000
as_t = lambda s: (torch.from_numpy(u[s]), torch.from_numpy(m[s]), torch.from_numpy(r[s]))
tr, te = as_t(slice(0, cut)), as_t(slice(cut, None))
print("mean rating", tr[2].mean().item(), " RMSE of the mean on test:", (te[2] - tr[2].mean()).pow(2).mean().sqrt().item())


# In [3]
class MF(torch.nn.Module):
    def __init__(self, n_users, n_movies, k, mu):
        super().__init__()
        self.user = torch.nn.Embedding(n_users, k)
        self.movie = torch.nn.Embedding(n_movies, k)
        self.user_bias = torch.nn.Embedding(n_users, 1)
        self.movie_bias = torch.nn.Embedding(n_movies, 1)
        self.register_buffer("mu", mu)
        for e in (self.user, self.movie):
            torch.nn.init.normal_(e.weight, std=0.1)
        for e in (self.user_bias, self.movie_bias):
            torch.nn.init.zeros_(e.weight)

    def forward(self, u, m):
        dot = (self.user(u) * self.movie(m)).sum(-1)
        return self.mu + dot + self.user_bias(u).squeeze(-1) + self.movie_bias(m).squeeze(-1)


torch.manual_seed(0)
model = MF(n_users, n_movies, 2, tr[2].mean())
optim = torch.optim.Adam(model.parameters(), lr=0.03)
sched = torch.optim.lr_scheduler.MultiStepLR(optim, [5, 7], gamma=0.3)
loader = DataLoader(TensorDataset(*tr), batch_size=128, shuffle=True)


# In [4]
def rmse(part):
    with torch.no_grad():
        return torch.nn.functional.mse_loss(model(part[0], part[1]), part[2]).sqrt().item()


for ep in range(8):
    for ub, mb, rb in loader:
        pred = model(ub, mb)
        reg = 2e-2 * (model.user(ub).pow(2).sum(1) + model.movie(mb).pow(2).sum(1)).mean()
        loss = (pred - rb).pow(2).mean() + reg
        optim.zero_grad()
        loss.backward()
        optim.step()
    sched.step()
    print(f"epoch {ep}: train RMSE {rmse(tr):.4f}   test RMSE {rmse(te):.4f}")

# In [5]
best = torch.topk(model.movie_bias.weight.detach().squeeze(1), 5).indices
print("most liked movies:", best.tolist())
