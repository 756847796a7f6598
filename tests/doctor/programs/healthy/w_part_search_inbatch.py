"""Two-tower search over a spare-part catalogue, in-batch negatives, learnt temperature."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(12)
torch.manual_seed(12)
ATTR = {"part": 24, "make": 20, "size": 16, "material": 10}      # catalogue wording <-> customer wording


def sample(n):
    combos = np.stack([rng.integers(0, c, n) for c in ATTR.values()], 1)
    off = np.cumsum([0] + list(ATTR.values()))[:-1]
    doc = combos + off
    synonym = rng.integers(0, 2, combos.shape)                    # each attribute value has two slang forms
    qry = (combos + off) * 2 + synonym
    qry = np.take_along_axis(qry, rng.permuted(np.tile(np.arange(4), (n, 1)), axis=1), 1)
    return torch.from_numpy(doc), torch.from_numpy(qry)


V = sum(ATTR.values())
docs, queries = sample(3000)
_, first = np.unique(docs.numpy(), axis=0, return_index=True)     # one row per catalogue entry
keep = torch.from_numpy(rng.permutation(first))
docs, queries = docs[keep], queries[keep]
cut = len(docs) - 500


class Tower(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.tok = nn.Embedding(n, d)
        self.ff = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, d))

    def forward(self, ids):
        return F.normalize(self.ff(self.tok(ids).sum(1)), dim=-1)


d_tower, q_tower = Tower(V), Tower(2 * V)
log_scale = nn.Parameter(torch.tensor(2.0))
params = list(d_tower.parameters()) + list(q_tower.parameters()) + [log_scale]
opt = torch.optim.AdamW(params, lr=1e-2, weight_decay=1e-4)
for epoch in range(6):
    run = []
    for b in torch.randperm(cut).split(64):
        if len(b) < 64:
            continue
        sim = log_scale.exp() * q_tower(queries[b]) @ d_tower(docs[b]).T
        target = torch.arange(len(b))
        loss = (F.cross_entropy(sim, target) + F.cross_entropy(sim.T, target)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    with torch.no_grad():
        index = d_tower(docs)                                     # whole catalogue
        hit = lambda rows: (q_tower(queries[rows]) @ index.T).argmax(1).eq(rows).float().mean().item()
        print(f"epoch {epoch} loss {np.mean(run):.4f} scale {log_scale.exp().item():.1f} "
              f"P@1 seen {hit(torch.arange(500)):.3f} unseen {hit(torch.arange(cut, len(docs))):.3f}")
