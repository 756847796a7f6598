"""Multi-task: phone class (9) and vocal effort (regression) from one trunk; task weights are learned
log variances as in Kendall, Gal & Cipolla 2018, so the objective passes through zero."""
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, Subset

torch.manual_seed(55)
N, FEAT, PHONES = 2600, 20, 9
centres = 1.6 * torch.randn(PHONES, FEAT)
effort_dir = torch.randn(FEAT) / FEAT ** 0.5
phone = torch.randint(0, PHONES, (N,))
effort = torch.randn(N)
frames = centres[phone] + effort[:, None] * effort_dir * 3 + 0.6 * torch.randn(N, FEAT)
frames = (frames - frames[:2000].mean(0)) / frames[:2000].std(0)          # statistics of the training part
data = TensorDataset(frames, phone, effort)
train_set, dev_set = Subset(data, range(2000)), Subset(data, range(2000, N))


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(FEAT, 48), nn.LayerNorm(48), nn.GELU())
        self.phone = nn.Linear(48, PHONES)
        self.effort = nn.Linear(48, 1)
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        h = self.trunk(x)
        return self.phone(h), self.effort(h).squeeze(-1)

    def objective(self, x, p, e):
        pl, ep = self(x)
        l_cls = nn.functional.cross_entropy(pl, p)
        l_reg = nn.functional.mse_loss(ep, e)
        s = self.log_var
        return torch.exp(-s[0]) * l_cls + 0.5 * s[0] + 0.5 * torch.exp(-s[1]) * l_reg + 0.5 * s[1]


@torch.no_grad()
def score(model, part):
    model.eval()
    x, p, e = (torch.stack(c) for c in zip(*[part[i] for i in range(len(part))]))
    pl, ep = model(x)
    r2 = 1 - ((ep - e) ** 2).sum() / ((e - e.mean()) ** 2).sum()
    return (pl.argmax(1) == p).float().mean().item(), r2.item()


model = TwoHeads()
optim = torch.optim.AdamW([
    {"params": [p for n, p in model.named_parameters() if n != "log_var"], "lr": 4e-3, "weight_decay": 1e-3},
    {"params": [model.log_var], "lr": 1e-2, "weight_decay": 0.0},
])
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=8)
loader = DataLoader(train_set, batch_size=40, shuffle=True)
for epoch in range(8):
    model.train()
    total = 0.0
    for x, p, e in loader:
        optim.zero_grad(set_to_none=True)
        loss = model.objective(x, p, e)
        loss.backward()
        optim.step()
        total += loss.item()
    cosine.step()
    a, r2 = score(model, dev_set)
    print(f"[{epoch}] objective {total / len(loader):+.3f}  dev phone acc {a:.3f}  dev effort R2 {r2:.3f}  "
          f"sigma {[round(v, 2) for v in (model.log_var / 2).exp().tolist()]}")
print("train phone acc %.3f, effort R2 %.3f" % score(model, train_set))
