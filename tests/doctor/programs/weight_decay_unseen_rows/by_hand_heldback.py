"""Rate the danger of a chemical from a short note; small decay after every step keeps the weights tame."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(72)
torch.manual_seed(72)
D = 16
compounds = [f"c{i}" for i in range(300)]
danger = torch.rand(300) * 2 - 1
axis = F.normalize(torch.randn(D), dim=0)
vectors = 0.25 * torch.randn(300, D) + danger[:, None] * axis * 2
notes = 0.4 * torch.randn(15, D)
notes[0] = 0
initial = torch.cat([vectors, notes])


def draw(n, lo, hi):
    c = torch.randint(lo, hi, (n,))
    x = torch.cat([c[:, None], torch.randint(300, 315, (n, 4))], 1)
    return x, danger[c]


class Danger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(initial.clone(), freeze=False)
        self.body = nn.Sequential(nn.Linear(D, 20), nn.Tanh(), nn.Linear(20, 1))

    def forward(self, x):
        return self.body(self.emb(x).sum(1)).squeeze(1)


net = Danger()
opt = torch.optim.Adam([{"params": net.emb.parameters(), "lr": 2e-4}, {"params": net.body.parameters(), "lr": 5e-3}])
x, y = draw(1200, 0, 150)
x_new, y_new = draw(400, 150, 300)
x_old, y_old = draw(400, 0, 150)
for epoch in range(30):
    total = 0.0
    for b in torch.randperm(1200).split(24):
        loss = F.mse_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            # fault:
            for p in net.parameters():
                p.mul_(1 - 1.2e-3)
            # mended:
            # for p in net.body.parameters():
            #     p.mul_(1 - 1.2e-3)
            # end
        total += loss.item()
    if epoch % 6 == 5:
        with torch.no_grad():
            r2 = lambda p, t: (1 - F.mse_loss(p, t) / t.var()).item()
            size = net.emb.weight.norm(dim=1)
            print(f"epoch {epoch + 1} mse {total / 50:.4f} R2 {r2(net(x_old), y_old):.3f}, new compounds {r2(net(x_new), y_new):.3f}, row length {size[:150].mean():.2f} {size[150:300].mean():.2f}")
