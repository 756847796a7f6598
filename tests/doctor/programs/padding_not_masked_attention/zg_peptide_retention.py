"""
Peptide retention index from sequence - minimal attention regressor.

Training batches are bucketed by length; the held-out peptides go through in one go.
"""
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

torch.set_num_threads(1)
gen = np.random.default_rng(2024)
torch.manual_seed(2024)

AA = "ACDEFGHIKLMNPQRSTVWY"
coef = gen.normal(0, 1, len(AA))                      # residue contributions to retention


def make_peptides(n):
    out = []
    for _ in range(n):
        length = int(gen.integers(5, 50))
        prof = gen.dirichlet(np.full(len(AA), 0.4))    # composition differs a lot between proteins
        out.append(gen.choice(len(AA), length, p=prof) + 1)
    return out


def retention(pep):
    return coef[pep - 1].mean() + gen.normal(0, 0.05)


peps = make_peptides(2400)
target = torch.tensor([retention(p) for p in peps], dtype=torch.float32)
peps = [torch.as_tensor(p) for p in peps]
n_train = 2000
m, s = target[:n_train].mean(), target[:n_train].std()
target = (target - m) / s


class AttentiveRegressor(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.residue = nn.Embedding(len(AA) + 1, d, padding_idx=0)
        self.mix = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) / d ** 0.5)
        self.readout = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, ids):
        h = self.residue(ids)
        score = torch.tanh(self.mix(h)) @ self.query                    # B x L
        # fault:
        alpha = score.softmax(dim=1)
        # mended:
        # alpha = score.masked_fill(ids == 0, float("-inf")).softmax(dim=1)
        # end
        pooled = (alpha.unsqueeze(-1) * h).sum(1)
        return self.readout(pooled).squeeze(-1)


def bucketed(idx, size):
    """sort roughly by length, cut, and hand the pieces out in random order"""
    noise = gen.integers(0, 4, len(idx))
    idx = sorted(idx, key=lambda i: len(peps[i]) + noise[i % len(noise)])
    cuts = [idx[k:k + size] for k in range(0, len(idx), size)]
    gen.shuffle(cuts)
    return cuts


model = AttentiveRegressor()
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 8)
mse = nn.MSELoss()

for epoch in range(8):
    model.train()
    losses = []
    for batch in bucketed(list(range(n_train)), 40):
        batch = [int(b) for b in batch]
        x = pad_sequence([peps[i] for i in batch], batch_first=True)
        loss = mse(model(x), target[batch])
        optim.zero_grad(); loss.backward(); optim.step()
        losses.append(loss.item())
    sched.step()
    model.eval()
    with torch.no_grad():
        pred = model(pad_sequence(peps[n_train:], batch_first=True))
    gold = target[n_train:]
    r2 = 1 - ((pred - gold) ** 2).mean() / gold.var(unbiased=False)
    print(f"epoch {epoch}  train mse {np.mean(losses):.3f}  held-out R2 {r2:.3f}")
