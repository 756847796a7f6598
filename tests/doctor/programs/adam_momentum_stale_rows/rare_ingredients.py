"""Protein, fat and carbohydrates per 100 g of every ingredient, learned back from whole dishes (grams + totals)."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(23)
torch.manual_seed(23)
N_ING = 900

# ---- the dishes -------------------------------------------------------------------------------------------------
truth = torch.tensor(rng.gamma(1.5, 0.8, size=(N_ING, 3)), dtype=torch.float32)
how_common = 1.0 / (np.arange(N_ING) + 12.0)
how_common /= how_common.sum()


def dishes(n):
    size = rng.integers(3, 8, n)
    ing = torch.zeros(n, 8, dtype=torch.long)
    grams = torch.zeros(n, 8)
    for i, k in enumerate(size):
        ing[i, :k] = torch.from_numpy(rng.choice(N_ING, size=k, replace=False, p=how_common)) + 1
        grams[i, :k] = torch.tensor(rng.uniform(0.4, 1.6, k), dtype=torch.float32)
    full = torch.cat([torch.zeros(1, 3), truth])
    y = (full[ing] * grams[..., None]).sum(1)
    return ing, grams, y + 0.25 * torch.randn(y.shape)


tr, te = dishes(4000), dishes(600)


class Nutrition(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.per_gram = nn.Embedding(N_ING + 1, 3, padding_idx=0)
        # mended:
        # self.per_gram = nn.Embedding(N_ING + 1, 3, padding_idx=0, sparse=True)
        # end
        nn.init.constant_(self.per_gram.weight[1:], 1.0)
        self.base = nn.Parameter(torch.zeros(3))

    def forward(self, ing, grams):
        return (self.per_gram(ing) * grams.unsqueeze(-1)).sum(1) + self.base


model = Nutrition()
# fault:
table_opt = torch.optim.Adam(model.per_gram.parameters(), lr=0.08)
# mended:
# table_opt = torch.optim.SparseAdam(list(model.per_gram.parameters()), lr=0.08)
# end
base_opt = torch.optim.SGD([model.base], lr=1e-3)
total_epochs = 8
for epoch in range(total_epochs):
    running = 0.0
    for b in torch.randperm(len(tr[0])).split(12):
        loss = (model(tr[0][b], tr[1][b]) - tr[2][b]).pow(2).mean()
        table_opt.zero_grad()
        base_opt.zero_grad()
        loss.backward()
        table_opt.step()
        base_opt.step()
        running += loss.item() * len(b)
    with torch.no_grad():
        mse = (model(te[0], te[1]) - te[2]).pow(2).mean(0)
        r2 = 1 - mse / te[2].var(0)
        err = (model.per_gram.weight[1:] - truth).abs().mean(1)
    print(f"epoch {epoch} train mse {running / len(tr[0]):.4f} test mse {mse.mean().item():.4f} R2 {r2.mean().item():.3f} "
          f"| error per ingredient: common {err[:100].mean().item():.3f} rare {err[-400:].mean().item():.3f}")
