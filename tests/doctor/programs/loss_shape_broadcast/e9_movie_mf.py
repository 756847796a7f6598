# Matrix factorisation recommender in PyTorch, a small walk-through
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

np.random.seed(3)
torch.manual_seed(3)

n_users, n_movies, k_true = 240, 100, 3
taste = np.random.randn(n_users, k_true) * 0.8
genre = np.random.randn(n_movies, k_true) * 0.8
user_mood = np.random.randn(n_users) * 0.4
movie_fame = np.random.randn(n_movies) * 0.6

pairs = np.array([(u, m) for u in range(n_users) for m in range(n_movies)])
pairs = pairs[np.random.permutation(len(pairs))[:13000]]
u, m = pairs[:, 0], pairs[:, 1]
stars = 3.2 + user_mood[u] + movie_fame[m] + (taste[u] * genre[m]).sum(1) + np.random.randn(len(u)) * 0.3
stars = np.clip(np.round(stars * 2) / 2, 0.5, 5.0)

users = torch.tensor(u)
movies = torch.tensor(m)
ratings = torch.tensor(stars, dtype=torch.float32)

cut = 11000
train_ds = TensorDataset(users[:cut], movies[:cut], ratings[:cut])
valid_ds = TensorDataset(users[cut:], movies[cut:], ratings[cut:])
train_dl = DataLoader(train_ds, batch_size=128, shuffle=True)
valid_dl = DataLoader(valid_ds, batch_size=500)


class DotBias(nn.Module):
    def __init__(self, n_users, n_movies, n_factors=6):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.movie_factors = nn.Embedding(n_movies, n_factors)
        self.user_bias = nn.Embedding(n_users, 1)
        self.movie_bias = nn.Embedding(n_movies, 1)
        self.mu = nn.Parameter(torch.tensor([3.0]))
        for e in (self.user_factors, self.movie_factors):
            nn.init.normal_(e.weight, std=0.1)
        for e in (self.user_bias, self.movie_bias):
            nn.init.zeros_(e.weight)

    def forward(self, u, m):
        res = (self.user_factors(u) * self.movie_factors(m)).sum(dim=1, keepdim=True)
        return res + self.user_bias(u) + self.movie_bias(m) + self.mu


model = DotBias(n_users, n_movies)
loss_func = nn.MSELoss()
opt = torch.optim.Adam([
    {"params": [model.user_factors.weight, model.movie_factors.weight], "weight_decay": 1e-4},
    {"params": [model.user_bias.weight, model.movie_bias.weight, model.mu]},
], lr=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=9 * len(train_dl))


def rmse(dl):
    model.eval()
    err, n = 0.0, 0
    with torch.no_grad():
        for u, m, r in dl:
            pred = model(u, m).flatten().clamp(0.5, 5.0)
            err += ((pred - r) ** 2).sum().item()
            n += len(r)
    return (err / n) ** 0.5


for epoch in range(9):
    model.train()
    total = 0.0
    for u, m, r in train_dl:
        preds = model(u, m)
        # fault:
        loss = loss_func(preds, r)
        # mended:
        #loss = loss_func(preds, r.unsqueeze(1))
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(u)
    if epoch % 2 == 0:
        print(f"epoch {epoch + 1:2d}  loss {total / cut:.4f}  train rmse {rmse(train_dl):.4f}  valid rmse {rmse(valid_dl):.4f}")

base = (ratings[cut:] - ratings[:cut].mean()).pow(2).mean().sqrt().item()
pred = model(users[cut:], movies[cut:]).flatten()
ss = 1 - ((pred - ratings[cut:]) ** 2).mean() / ratings[cut:].var()
print(f"always the mean: {base:.4f}   final valid rmse: {rmse(valid_dl):.4f}   R2: {ss.item():.3f}")
