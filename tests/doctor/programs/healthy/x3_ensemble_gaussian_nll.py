# Deep ensembles (Lakshminarayanan 2017) for graded text: five members trained in one go with batched weights,
# Gaussian likelihood with a learned variance, so the loss ends below zero.
import math
import torch
from torch.nn import Parameter, ParameterDict
from torch.nn.functional import softplus

torch.manual_seed(23)
M, V, L, D, H = 5, 150, 8, 12, 32
quality = torch.randn(V) / math.sqrt(L)
shaky = (torch.arange(V) % 3 == 0).float()     # words that make the grade noisy


def grades(n):
    ids = torch.randint(V, (n, L))
    sigma = 0.05 + 0.25 * shaky[ids].mean(1)
    return ids, quality[ids].sum(1) * 0.5 + sigma * torch.randn(n)


xs, ys = grades(4000)
xt, yt = grades(800)
W = ParameterDict({
    "emb": Parameter(0.5 * torch.randn(M, V, D)),
    "w1": Parameter(torch.randn(M, D, H) / math.sqrt(D)),
    "b1": Parameter(torch.zeros(M, 1, H)),
    "w2": Parameter(torch.randn(M, H, 2) / math.sqrt(H)),
    "b2": Parameter(torch.zeros(M, 1, 2)),
})


def members(ids):
    """(M, n) means and variances; ids is (M, n, L), each member may see its own rows"""
    rows = torch.arange(M)[:, None, None]
    s = W["emb"][rows, ids].sum(2) / math.sqrt(L)
    h = torch.tanh(s @ W["w1"] + W["b1"])
    o = h @ W["w2"] + W["b2"]
    return o[..., 0], softplus(o[..., 1]) + 1e-4


def nll(mu, var, y):
    return 0.5 * (var.log() + (y - mu) ** 2 / var + math.log(2 * math.pi))


adam = torch.optim.Adam(W.parameters(), lr=5e-3)
EPOCHS, BS = 10, 100
for e in range(EPOCHS):
    for grp in adam.param_groups:
        grp["lr"] = 5e-3 * 0.5 * (1 + math.cos(math.pi * e / EPOCHS))
    orders = torch.stack([torch.randperm(len(xs)) for _ in range(M)])
    run = 0.0
    for k in range(0, len(xs), BS):
        sel = orders[:, k:k + BS]
        loss = nll(*members(xs[sel]), ys[sel]).mean(1).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        run += loss.item() / M
    if e % 3 == 0 or e == EPOCHS - 1:
        print(f"epoch {e}: mean member nll {run / (len(xs) / BS):.3f}")

with torch.no_grad():
    for name, x, y in (("train", xs, ys), ("test", xt, yt)):
        mu, var = members(x.expand(M, -1, -1))
        mix = mu.mean(0)
        mix_var = (var + mu ** 2).mean(0) - mix ** 2
        r2 = 1 - ((y - mix) ** 2).mean() / y.var()
        inside = ((y - mix).abs() < 1.96 * mix_var.sqrt()).float().mean()
        print(f"{name}: ensemble nll {nll(mix, mix_var, y).mean():.3f}  R2 {r2:.3f}  inside 95% band {inside:.3f}")
