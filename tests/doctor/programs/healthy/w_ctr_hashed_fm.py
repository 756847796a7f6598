"""Click model for display ads: factorisation machine over hashed fields, two optimisers
(lazy Adam for the sparse tables, AdamW for the rest), about one click in twelve."""
import torch
from torch import nn

torch.manual_seed(64)
SLOTS, DIM = 5000, 4
CARD = [20, 16, 12, 8, 40]                  # advertiser, publisher, hour bucket, device, region
N, N_TRAIN = 20000, 16000

raw = torch.stack([torch.randint(c, (N,)) for c in CARD], 1)
taste = [torch.randn(c, 3) for c in CARD]
bias = [torch.randn(c) * 1.1 for c in CARD]
logit = sum(b[raw[:, i]] for i, b in enumerate(bias)) - 3.6
logit = logit + 1.1 * (taste[0][raw[:, 0]] * taste[1][raw[:, 1]]).sum(1)
click = (torch.rand(N) < torch.sigmoid(logit)).float()
hashed = torch.stack([(raw[:, i] * 7919 + i * 104729 + 13) % SLOTS for i in range(len(CARD))], 1)


class FM(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Embedding(SLOTS, 1, sparse=True)
        self.v = nn.Embedding(SLOTS, DIM, sparse=True)
        self.b = nn.Parameter(torch.tensor(-2.0))
        nn.init.zeros_(self.w.weight)
        nn.init.normal_(self.v.weight, std=.1)

    def forward(self, x):
        v = self.v(x)
        pair = .5 * (v.sum(1).pow(2) - v.pow(2).sum(1)).sum(1)
        return self.b + self.w(x).sum((1, 2)) + pair


def auc(score, y):
    order = score.argsort()
    rank = torch.empty_like(score)
    rank[order] = torch.arange(1, len(score) + 1, dtype=score.dtype)
    p = y.sum()
    return ((rank[y > 0].sum() - p * (p + 1) / 2) / (p * (len(y) - p))).item()


fm = FM()
lazy = torch.optim.SparseAdam([fm.w.weight, fm.v.weight], lr=2e-2)
dense = torch.optim.AdamW([fm.b], lr=1e-2, weight_decay=0)
loss_fn = nn.BCEWithLogitsLoss()
print("click rate", round(click.mean().item(), 3))
for epoch in range(4):
    total = 0.
    for idx in torch.randperm(N_TRAIN).split(250):
        loss = loss_fn(fm(hashed[idx]), click[idx])
        lazy.zero_grad(); dense.zero_grad()
        loss.backward()
        lazy.step(); dense.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        s = fm(hashed)
    print(f"epoch {epoch}: logloss {total / N_TRAIN:.4f}  held-out logloss {loss_fn(s[N_TRAIN:], click[N_TRAIN:]):.4f}"
          f"  AUC train {auc(s[:N_TRAIN], click[:N_TRAIN]):.3f} held-out {auc(s[N_TRAIN:], click[N_TRAIN:]):.3f}")
