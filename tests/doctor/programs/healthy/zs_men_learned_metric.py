"""Can some hundred human similarity judgements (MEN) improve GloVe's cosine?  Learn a positive diagonal metric plus a
low-rank correction, starting from the plain cosine, by maximising Pearson's r on batches (so the loss lies in [-1, 0])."""
import gzip
import os
import random

import torch
from scipy.stats import spearmanr
from torch import nn, Tensor

BASE = os.environ["WORDFIT_DATA"]
random.seed(5)
torch.manual_seed(5)

pairs = []
with open(f"{BASE}/wordsim/EN-MEN-TR-3k.txt") as f:
    for line in f:
        a, b, s = line.split()
        pairs.append((a, b, float(s)))
need = {w for a, b, _ in pairs for w in (a, b)}
vec = {}
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in need:
            vec[w] = torch.tensor([float(v) for v in rest.split()])
dim = len(next(iter(vec.values())))
pairs = [p for p in pairs if p[0] in vec and p[1] in vec]
random.shuffle(pairs)
cut = int(0.7 * len(pairs))


def tensors(rows):
    return (torch.stack([vec[a] for a, _, _ in rows]), torch.stack([vec[b] for _, b, _ in rows]),
            torch.tensor([s for _, _, s in rows]))


train, test = tensors(pairs[:cut]), tensors(pairs[cut:])
print(f"{len(pairs)} pairs covered, {cut} for training, width {dim}")


def pearson(x: Tensor, y: Tensor) -> Tensor:
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / (x.norm() * y.norm() + 1e-8)


class Metric(nn.Module):
    def __init__(self, d: int, rank: int = 2):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(d))
        self.low = nn.Parameter(0.01 * torch.randn(d, rank))

    def embed(self, v: Tensor) -> Tensor:
        v = v / v.norm(dim=-1, keepdim=True)
        return torch.cat([v * self.log_scale.exp(), v @ self.low], dim=-1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return nn.functional.cosine_similarity(self.embed(a), self.embed(b), dim=-1)


model = Metric(dim)


def rho(data):
    with torch.no_grad():
        return spearmanr(model(data[0], data[1]).numpy(), data[2].numpy())[0]


print(f"plain cosine: train rho {rho(train):.3f}  test rho {rho(test):.3f}")
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8 * (cut // 100 + 1))
for epoch in range(8):
    losses = []
    for idx in torch.randperm(cut).split(100):
        a, b, s = (t[idx] for t in train)
        loss = -pearson(model(a, b), s) + 1e-3 * model.log_scale.pow(2).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    print(f"{epoch}: loss {sum(losses) / len(losses):+.4f}  train rho {rho(train):.3f}  test rho {rho(test):.3f}")
