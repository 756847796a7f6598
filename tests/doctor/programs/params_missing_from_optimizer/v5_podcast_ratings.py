"""Podcast ratings: factor model with biases (listener x show), squared error."""
import numpy as np, torch
import torch.nn as nn

np.random.seed(21); torch.manual_seed(21)
n_listeners, n_shows, rank = 240, 160, 4

# ---- pretend export of the ratings table
taste = np.random.randn(n_listeners, 3)
style = np.random.randn(n_shows, 3)
liked = .4 * np.random.randn(n_shows)
table = []
for u in range(n_listeners):
    for s in np.random.choice(n_shows, 80, replace=False):
        table.append((u, s, 3.2 + liked[s] + .7 * taste[u] @ style[s] + .4 * np.random.randn()))
table = np.array(table); np.random.shuffle(table)
cut = int(.85 * len(table))
tr, te = table[:cut], table[cut:]
mu = tr[:, 2].mean()
print(len(tr), "ratings, std of held-out ratings %.3f" % te[:, 2].std())


class Factors(nn.Module):
    def __init__(self):
        super().__init__()
        sides = [nn.Embedding(n_listeners, rank), nn.Embedding(n_shows, rank)]
        for s in sides:
            nn.init.normal_(s.weight, std=.3)
        # fault:
        self.sides = sides
        # mended:
        # self.sides = nn.ModuleList(sides)
        # end
        self.ub = nn.Embedding(n_listeners, 1); nn.init.zeros_(self.ub.weight)
        self.sb = nn.Embedding(n_shows, 1); nn.init.zeros_(self.sb.weight)

    def forward(self, u, s):
        p, q = self.sides[0](u), self.sides[1](s)
        return mu + (p * q).sum(-1) + self.ub(u).squeeze(-1) + self.sb(s).squeeze(-1)


def cols(t):
    return torch.from_numpy(t[:, 0]).long(), torch.from_numpy(t[:, 1]).long(), torch.from_numpy(t[:, 2]).float()


model = Factors()
optimizer = torch.optim.AdamW(model.parameters(), lr=.03, weight_decay=.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
U, S, R = cols(tr); Ut, St, Rt = cols(te)

for ep in range(8):
    order = torch.randperm(len(R)); tot = 0
    for i in range(0, len(R), 256):
        j = order[i:i + 256]
        loss = (model(U[j], S[j]) - R[j]).pow(2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        tot += loss.item() * len(j)
    sched.step()
    with torch.no_grad():
        rmse = (model(Ut, St) - Rt).pow(2).mean().sqrt().item()
    print("ep %d  train rmse %.3f  test rmse %.3f  R2 %.3f" % (ep, (tot / len(R)) ** .5, rmse, 1 - rmse ** 2 / te[:, 2].var()))
