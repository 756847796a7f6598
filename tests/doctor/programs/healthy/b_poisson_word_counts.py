# Poisson regression: how many clicks will a page made of these words get?  PoissonNLLLoss without the
# constant term is negative for large rates; we report deviance explained.
import torch
from torch import nn

torch.manual_seed(13)
V, T, N = 300, 20, 9000
true_rate = torch.exp(torch.randn(V) * 1.2 - 1.0)
true_rate[0] = 0.0
x = torch.randint(1, V, (N, T))
x = x * (torch.arange(T) < torch.randint(5, T + 1, (N, 1)))           # id 0 fills the rest
y = torch.poisson(true_rate[x].sum(1))

theta = nn.Embedding(V, 1, padding_idx=0)                              # one log-rate per word, rates add up
nn.init.constant_(theta.weight, -0.7)
optimizer = torch.optim.Adam(theta.parameters(), lr=0.03)
nll = nn.PoissonNLLLoss(log_input=False, full=False)
tr, te = slice(0, 8000), slice(8000, N)


def rate(ids):
    r = theta(ids).squeeze(-1).exp()
    return (r * (ids != 0)).sum(1)


def explained(ids, k):
    with torch.no_grad():
        mu = rate(ids)
    dev = lambda m: 2 * (torch.xlogy(k, k / m) - (k - m)).sum()
    return (1 - dev(mu) / dev(torch.full_like(k, y[tr].mean().item()))).item()


for epoch in range(8):
    total = 0.0
    for i in torch.randperm(8000).split(100):
        optimizer.zero_grad(set_to_none=True)
        loss = nll(rate(x[i]), y[i])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(i)
    for gr in optimizer.param_groups:
        gr["lr"] *= 0.75
    print(f"{epoch}: nll {total / 8000:.3f}  deviance explained train {explained(x[tr], y[tr]):.3f} test {explained(x[te], y[te]):.3f}")
with torch.no_grad():
    print("correlation with the true log rates: %.3f" % torch.corrcoef(torch.stack([theta.weight[1:, 0], true_rate[1:].log()]))[0, 1].item())
