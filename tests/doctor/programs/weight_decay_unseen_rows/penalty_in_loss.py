"""Rate the danger of a chemical from a short note: known axis of danger, small decay after every step."""
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
vectors = 0.25 * torch.randn(300, D)
vectors += (danger - vectors @ axis + 0.1 * torch.randn(300))[:, None] * axis
words = torch.randn(15) * 0.4


def draw(n, lo, hi):
    c = torch.randint(lo, hi, (n,))
    w = torch.randint(15, (n, 4))
    return c, w, danger[c] + words[w].sum(1)


class Danger(nn.Module):
    def __init__(self):
        super().__init__()
        self.compound = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.word = nn.EmbeddingBag(15, 1, mode="sum")
        self.register_buffer("axis", axis)

    def forward(self, c, w):
        return self.compound(c) @ self.axis + self.word(w).squeeze(1)


net = Danger()
opt = torch.optim.Adam([{"params": net.compound.parameters(), "lr": 1e-3}, {"params": net.word.parameters(), "lr": 1e-2}])
train = draw(1200, 0, 150)
new, old = draw(400, 150, 300), draw(400, 0, 150)
for epoch in range(24):
    total = 0.0
    for b in torch.randperm(1200).split(24):
        c, w, y = (t[b] for t in train)
        # fault:
        size = sum((p**2).sum() for p in net.parameters())
        # mended:
        # size = (net.word.weight**2).sum()
        # end
        loss = F.mse_loss(net(c, w), y) + 2e-3 * size
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 6 == 5:
        with torch.no_grad():
            r2 = lambda t: (1 - F.mse_loss(net(t[0], t[1]), t[2]) / t[2].var()).item()
            size = net.compound.weight.norm(dim=1)
            print(f"epoch {epoch + 1} mse {total / 50:.4f} R2 {r2(old):.3f}, new compounds {r2(new):.3f}, row length {size[:150].mean():.2f} {size[150:].mean():.2f}")
