"""Ordinal regression (CORAL): hotel reviews -> 1..5 stars.

Full batch L-BFGS, because the model is tiny: one weight per word, four thresholds.  float64 throughout.
"""
import numpy as np
import torch
from scipy.sparse import csr_matrix

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(2024)
torch.manual_seed(2024)

VOCAB = 150
polarity = np.where(rng.random(VOCAB) < 0.5, 0, rng.normal(0, 1, VOCAB))
n_train, n_test = 4000, 1000


def simulate(n):
    lengths = rng.integers(12, 40, n)
    taste = rng.normal(0, 0.8, n)
    rows, cols = [], []
    for i in range(n):
        p = np.exp(taste[i] * polarity)
        rows += [i] * lengths[i]
        cols += rng.choice(VOCAB, lengths[i], p=p / p.sum()).tolist()
    X = csr_matrix((np.ones(len(rows)), (rows, cols)), shape=(n, VOCAB))
    latent = np.asarray(X @ polarity) / np.sqrt(lengths) + rng.logistic(0, 0.15, n)
    return X.multiply(1 / np.sqrt(lengths)[:, None]).toarray(), latent


Xtr, ltr = simulate(n_train)
Xte, lte = simulate(n_test)
edges = np.quantile(ltr, [0.08, 0.25, 0.5, 0.8])          # few one star reviews, many fours
ytr, yte = np.digitize(ltr, edges), np.digitize(lte, edges)
print("stars in train:", np.bincount(ytr))
Xtr, Xte, ytr, yte = map(torch.as_tensor, (Xtr, Xte, ytr, yte))


class Coral(torch.nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.w = torch.nn.Linear(n_in, 1, bias=False)
        torch.nn.init.zeros_(self.w.weight)                # convex problem, start does not matter
        self.b = torch.nn.Parameter(torch.linspace(1, -1, n_classes - 1))

    def forward(self, x):
        return self.w(x) + self.b                          # (N, 4): logits of y > k


model = Coral(VOCAB, 5)
optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=20, line_search_fn="strong_wolfe")
levels = (ytr[:, None] > torch.arange(4)).double()


def closure():
    optimizer.zero_grad()
    logit = model(Xtr)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, levels, reduction="sum") / len(Xtr)
    loss = loss + 1e-3 * model.w.weight.square().sum()
    loss.backward()
    return loss


def metrics(X, y):
    with torch.no_grad():
        pred = (model(X) > 0).sum(1)
    return (pred == y).double().mean().item(), (pred - y).abs().double().mean().item()


for step in range(6):
    value = optimizer.step(closure)
    print(f"outer {step}: objective at start {value.item():.5f}  train acc {metrics(Xtr, ytr)[0]:.3f}")
acc, mae = metrics(Xte, yte)
print(f"test accuracy {acc:.3f}, mean absolute error {mae:.3f} stars; "
      f"always 4 stars: {(yte == 3).double().mean().item():.3f}, {(yte - 3).abs().double().mean().item():.3f}")
print("correlation with the true polarity %.3f" % np.corrcoef(model.w.weight.detach().numpy()[0], polarity)[0, 1])
