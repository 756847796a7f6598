"""CLIP-style alignment of coding sequences and the proteins they encode (symmetric InfoNCE, learned
temperature). Retrieval is measured on genes that were held out."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(6)
rng = np.random.default_rng(6)
N, LENGTH, AA, CODONS = 4300, 12, 12, 36
synonyms = rng.permutation(CODONS).reshape(AA, 3)      # every residue has three codons

proteins = rng.integers(0, AA, size=(N, LENGTH))
genes = synonyms[proteins, rng.integers(0, 3, size=(N, LENGTH))]
noisy = rng.random((N, LENGTH)) < 0.05                 # sequencing errors
genes[noisy] = rng.integers(0, CODONS, size=noisy.sum())
P, G = torch.from_numpy(proteins), torch.from_numpy(genes)
train, held = torch.arange(4000), torch.arange(4000, N)


class Tower(nn.Module):
    def __init__(self, symbols, dim=32):
        super().__init__()
        self.look = nn.Embedding(symbols, 8)
        self.out = nn.Linear(8 * LENGTH, dim)

    def forward(self, x):
        return F.normalize(self.out(self.look(x).flatten(1)), dim=-1)


gene_tower, protein_tower = Tower(CODONS), Tower(AA)
log_temp = nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))
opt = torch.optim.Adam([*gene_tower.parameters(), *protein_tower.parameters(), log_temp], lr=3e-3)


def similarity(idx):
    return log_temp.exp().clamp(max=100) * gene_tower(G[idx]) @ protein_tower(P[idx]).T


@torch.no_grad()
def recall(idx, k):
    sim = similarity(idx)
    top = sim.topk(k, dim=1).indices
    return (top == torch.arange(len(idx))[:, None]).any(1).float().mean().item()


for epoch in range(7):
    total, steps = 0.0, 0
    for b in train[torch.randperm(len(train))].split(64):
        sim = similarity(b)
        diag = torch.arange(len(b))
        loss = (F.cross_entropy(sim, diag) + F.cross_entropy(sim.T, diag)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    print(f"epoch {epoch:2d}  InfoNCE {total / steps:.3f}  R@1 train {recall(train[:300], 1):.3f}  "
          f"R@1 held out {recall(held, 1):.3f}  R@5 {recall(held, 5):.3f}  temp {log_temp.exp().item():.1f}")
