"""How specific is a query? The length of our vectors says so; the table is a fixed buffer."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(66)
torch.manual_seed(66)
N, D = 200, 12
specific = torch.rand(N) * 5 + 0.5
table = F.normalize(torch.randn(N, D).abs() + 0.1 * torch.randn(N, D), dim=1) * specific[:, None]


class Specificity(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.register_buffer("vectors", vectors.clone())
        self.layers = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, query):
        # fault:
        e = F.embedding(query, self.vectors, max_norm=1.0)
        # mended:
        # e = F.embedding(query, self.vectors)
        # end
        return self.layers(e.mean(1)).squeeze(1)


def queries(n):
    x = torch.randint(N, (n, 3))
    return x, specific[x].mean(1)


x, y = queries(1500)
xt, yt = queries(400)
model = Specificity(table)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 15)
for epoch in range(15):
    running = 0.0
    for b in torch.randperm(1500).split(50):
        loss = F.smooth_l1_loss(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    sched.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            p = model(xt)
            r2 = 1 - F.mse_loss(p, yt) / yt.var()
        print(f"epoch {epoch + 1} loss {running / 30:.4f} R2 on new queries {r2:.3f} mean row length {model.vectors.norm(dim=1).mean():.2f}")
