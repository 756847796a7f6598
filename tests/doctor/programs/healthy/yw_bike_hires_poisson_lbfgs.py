"""Hourly bike hires: Poisson regression, whole data set at once, L-BFGS.

The Poisson loss leaves the log(y!) term out, so it is far below zero with busy hours.
"""
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(17)

n = 4000
hour = rng.integers(0, 24, n)
temp = 12 + 8 * rng.standard_normal(n)
rain = rng.random(n) < 0.2
weekend = rng.random(n) < 2 / 7
rate = np.exp(2.2 + 0.9 * np.exp(-((hour - 8) / 2.) ** 2) * ~weekend + 1.1 * np.exp(-((hour - 17) / 3.) ** 2)
              - 0.8 * (hour < 6) + 0.035 * temp - 0.0006 * (temp - 12) ** 2 - 0.5 * rain)
hires = rng.poisson(rate)

onehot = np.eye(24)[hour]
t = (temp - temp.mean()) / temp.std()
X = np.column_stack([onehot, onehot * weekend[:, None], t, t ** 2, rain])
X, y = torch.from_numpy(X.astype(float)), torch.from_numpy(hires.astype(float))
Xtr, ytr, Xte, yte = X[:3000], y[:3000], X[3000:], y[3000:]

w = torch.zeros(X.shape[1], requires_grad=True)
b = torch.log(ytr.mean()).clone().requires_grad_()
lbfgs = torch.optim.LBFGS([w, b], lr=1.0, max_iter=10, history_size=10, line_search_fn="strong_wolfe")
criterion = torch.nn.PoissonNLLLoss(log_input=True)
l2 = 1e-3


def deviance(Z, target):
    with torch.no_grad():
        m = (Z @ w + b).exp()
        return 2 * (torch.xlogy(target, target / m) - (target - m)).mean().item()


def closure():
    lbfgs.zero_grad()
    loss = criterion(Xtr @ w + b, ytr) + l2 * w.square().sum()
    loss.backward()
    return loss


null = deviance(Xte, yte)
print(f"constant model: deviance {null:.3f}")
for it in range(8):
    loss = lbfgs.step(closure)
    print(f"outer {it}: loss {loss.item():.4f} |g| {w.grad.norm().item():.2e} deviance train {deviance(Xtr, ytr):.3f} test {deviance(Xte, yte):.3f}")
print(f"explained deviance on test: {1 - deviance(Xte, yte) / null:.3f}")
print("rain effect x%.2f (true x%.2f)" % (w[-1].exp().item(), np.exp(-0.5)))
