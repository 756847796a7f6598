# GloVe from scratch (weighted least squares on log counts), numpy-ish torch with hand-written AdaGrad.
# The co-occurrence table is made up from a known low-rank model, 15 % of the cells are kept back.
import torch

torch.manual_seed(4)
V, K, D = 300, 6, 10
true_w, true_c = torch.randn(V, K) * 0.6, torch.randn(V, K) * 0.6
base = torch.linspace(2.2, 0.6, V)
log_mu = true_w @ true_c.T + base[:, None] + base[None, :] - 0.5
counts = torch.poisson(log_mu.exp().clamp(max=4000))

i, j = counts.nonzero(as_tuple=True)
x = counts[i, j]
shuffled = torch.randperm(len(x))
n_test = int(0.15 * len(x))
te, tr = shuffled[:n_test], shuffled[n_test:]


def weight(x, x_max=50.0, alpha=0.75):
    return torch.clamp((x / x_max) ** alpha, max=1.0)


params = {
    "w": torch.randn(V, D) * 0.1, "c": torch.randn(V, D) * 0.1,
    "bw": torch.full((V,), x[tr].log().mean().item() / 2), "bc": torch.full((V,), x[tr].log().mean().item() / 2),
}
for p in params.values():
    p.requires_grad_(True)
hist = {k: torch.full_like(p, 1e-6) for k, p in params.items()}  # AdaGrad accumulators


def predict(k):
    a, b = i[k], j[k]
    return (params["w"][a] * params["c"][b]).sum(-1) + params["bw"][a] + params["bc"][b]


def r2(k):
    with torch.no_grad():
        y, f = x[k].log(), weight(x[k])
        mean = (f * y).sum() / f.sum()
        return (1 - (f * (y - predict(k)) ** 2).sum() / (f * (y - mean) ** 2).sum()).item()


print(f"{len(tr)} cells to fit, {len(te)} kept back, largest count {int(x.max())}")
for epoch in range(1, 9):
    total = 0.0
    for k in tr[torch.randperm(len(tr))].split(256):
        err = predict(k) - x[k].log()
        loss = (weight(x[k]) * err.pow(2)).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for (name, p), g in zip(params.items(), grads):
                hist[name] += g * g
                p -= 0.07 * g / hist[name].sqrt()
        total += loss.item() * len(k)
    print(f"epoch {epoch}: weighted squared error {total / len(tr):.4f}   R2 fit {r2(tr):.3f}   R2 kept back {r2(te):.3f}")
