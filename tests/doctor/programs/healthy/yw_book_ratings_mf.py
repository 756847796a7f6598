"""Matrix factorisation with biases for a small book club."""
import numpy as np
import torch
import torch.nn as nn

np.random.seed(4)
torch.manual_seed(4)

n_users, n_books, k = 150, 80, 2
P, Q = np.random.randn(n_users, k), np.random.randn(n_books, k)
bu, bi = 0.4 * np.random.randn(n_users), 0.5 * np.random.randn(n_books)
u, i = np.where(np.random.rand(n_users, n_books) < 0.5)
r = 3.2 + bu[u] + bi[i] + 0.45 * (P[u] * Q[i]).sum(1) + 0.25 * np.random.randn(len(u))
r = np.clip(np.round(r * 2) / 2, 0.5, 5.5)

perm = np.random.permutation(len(u))
cut = int(0.85 * len(perm))
to = lambda a, dt: torch.as_tensor(a, dtype=dt)
tr = [to(u[perm[:cut]], torch.long), to(i[perm[:cut]], torch.long), to(r[perm[:cut]], torch.float32)]
te = [to(u[perm[cut:]], torch.long), to(i[perm[cut:]], torch.long), to(r[perm[cut:]], torch.float32)]


class MF(nn.Module):
    def __init__(self, mean, f=2):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.pu, self.qi = nn.Embedding(n_users, f), nn.Embedding(n_books, f)
        self.bu, self.bi = nn.Embedding(n_users, 1), nn.Embedding(n_books, 1)
        for e in (self.pu, self.qi):
            nn.init.normal_(e.weight, 0, 0.3)
        for e in (self.bu, self.bi):
            nn.init.zeros_(e.weight)

    def forward(self, u, i):
        dot = (self.pu(u) * self.qi(i)).sum(-1)
        return self.mean + dot + self.bu(u).squeeze(-1) + self.bi(i).squeeze(-1)


def rmse(model, data):
    with torch.no_grad():
        return (model(data[0], data[1]) - data[2]).pow(2).mean().sqrt().item()


model = MF(tr[2].mean().item())
opt = torch.optim.Adam(model.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [9, 12], gamma=0.3)
base = (te[2] - tr[2].mean()).pow(2).mean().sqrt().item()
for epoch in range(14):
    order = torch.randperm(len(tr[0]))
    for s in range(0, len(order), 128):
        b = order[s:s + 128]
        uu, ii, rr = tr[0][b], tr[1][b], tr[2][b]
        se = (model(uu, ii) - rr).pow(2).mean()
        # penalise only the factors that took part
        reg = 0.01 * (model.pu(uu).pow(2).sum(1) + model.qi(ii).pow(2).sum(1)).mean()
        opt.zero_grad()
        (se + reg).backward()
        opt.step()
    sched.step()
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1}: rmse train {rmse(model, tr):.3f} test {rmse(model, te):.3f} (mean only {base:.3f})")
