"""How long does a page take to read, and how sure are we? Gaussian NLL head.

The target is standardised and has little noise, so the likelihood exceeds one and the loss falls below zero.
"""
import torch
from torch import nn

gen = torch.Generator().manual_seed(99)
torch.manual_seed(99)
N, VOCAB, T = 2600, 40, 30
seconds_per_word = torch.rand(VOCAB, generator=gen) * 0.9 + 0.1
noise_per_kind = torch.tensor([0.02, 0.10])
ids = torch.randint(0, VOCAB, (N, T), generator=gen)             # every page has 30 words
kind = torch.randint(0, 2, (N,), generator=gen)                  # screen or paper
mean_time = seconds_per_word[ids].mean(1)
time = mean_time + torch.randn(N, generator=gen) * noise_per_kind[kind] * 0.3
mu, sd = time[:2200].mean(), time[:2200].std()
target = (time - mu) / sd


class PageReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.cost = nn.Embedding(VOCAB, 1)
        self.kind = nn.Embedding(2, 1)
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, ids, kind):
        s = self.cost(ids).squeeze(-1).mean(1) * self.scale
        return s, torch.nn.functional.softplus(self.kind(kind).squeeze(-1)) + 1e-3


net = PageReader()
nn.init.normal_(net.cost.weight, std=0.5)
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam([{"params": net.cost.parameters(), "lr": 0.1},
                        {"params": [net.scale], "lr": 0.02},
                        {"params": net.kind.parameters(), "lr": 0.05}])
half = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
tr, te = torch.arange(2200), torch.arange(2200, N)
for epoch in range(8):
    total = 0.0
    for idx in tr[torch.randperm(len(tr))].split(40):
        m, var = net(ids[idx], kind[idx])
        loss = nll(m, target[idx], var)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    half.step()
    with torch.no_grad():
        m, var = net(ids[te], kind[te])
        t = target[te]
        held = nll(m, t, var).item()
        r2 = 1 - ((m - t) ** 2).mean() / t.var()
        inside = ((m - t).abs() < 1.96 * var.sqrt()).float().mean()
    print(f"epoch {epoch}: nll {total / 55:+.3f} held-out {held:+.3f} R2 {r2:.3f} inside the 95% band {inside:.3f}")
