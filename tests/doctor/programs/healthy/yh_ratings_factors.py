"""Rating prediction by biased matrix factorisation.  Plain SGD written out, the L2 term only on the rows in the batch."""
import numpy as np
import torch

rng = np.random.default_rng(99)
torch.manual_seed(99)
U, I, RANK, NOISE = 300, 150, 3, 0.35
pu, qi = rng.normal(size=(U, RANK)), rng.normal(size=(I, RANK))
bu, bi = rng.normal(scale=0.5, size=U), rng.normal(scale=0.5, size=I)
cells = rng.choice(U * I, size=16000, replace=False)          # every (user, item) cell at most once
users, items = cells // I, cells % I
truth = 3.2 + bu[users] + bi[items] + 0.5 * (pu[users] * qi[items]).sum(1)
r = truth + rng.normal(scale=NOISE, size=len(cells))
u, i, y = torch.from_numpy(users), torch.from_numpy(items), torch.from_numpy(r).float()
cut = 13500

theta = {
    "mu": y[:cut].mean().clone(),
    "bu": torch.zeros(U), "bi": torch.zeros(I),
    "P": torch.randn(U, RANK) * 0.3, "Q": torch.randn(I, RANK) * 0.3,
}
for t in theta.values():
    t.requires_grad_(True)
velocity = {k: torch.zeros_like(v) for k, v in theta.items()}


def predict(a, b):
    return theta["mu"] + theta["bu"][a] + theta["bi"][b] + (theta["P"][a] * theta["Q"][b]).sum(1)


def rmse(sl):
    with torch.no_grad():
        return (predict(u[sl], i[sl]) - y[sl]).pow(2).mean().sqrt().item()


base = (y[cut:] - y[:cut].mean()).pow(2).mean().sqrt().item()
print(f"mean predictor rmse {base:.3f}, noise floor about {NOISE}")
LR, MOM, LAM, B = 1.2, 0.9, 0.01, 100
for epoch in range(12):
    lr = LR * (0.82 ** epoch)
    total = 0.0
    for idx in torch.randperm(cut).split(B):
        a, b = u[idx], i[idx]
        err = predict(a, b) - y[idx]
        reg = theta["P"][a].pow(2).sum(1) + theta["Q"][b].pow(2).sum(1) + theta["bu"][a] ** 2 + theta["bi"][b] ** 2
        loss = (err ** 2 + LAM * reg).mean()
        grads = torch.autograd.grad(loss, list(theta.values()))
        with torch.no_grad():
            for (k, p), g in zip(theta.items(), grads):
                velocity[k].mul_(MOM).add_(g)
                p -= (0.02 if k == "mu" else lr) * velocity[k]
        total += loss.item() * len(idx)
    print(f"epoch {epoch + 1:2d} objective {total / cut:.4f} rmse train {rmse(slice(0, cut)):.4f} test {rmse(slice(cut, None)):.4f}")
