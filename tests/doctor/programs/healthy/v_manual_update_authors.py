# Backprop "from scratch" lab: parameters are plain tensors, the update is written out, no nn.Module, no optim
import numpy as np
import torch

g = torch.Generator().manual_seed(12)
rng = np.random.default_rng(12)

# toy: which of six "authors" wrote it? features = relative counts of twelve letters
K, N = 6, 2400
emit = rng.dirichlet(np.ones(12) * 0.4, size=K)
y = rng.integers(0, K, N)
X = np.stack([rng.multinomial(25, emit[c]) for c in y]).astype("float32") / 25
X, y = torch.from_numpy(X), torch.from_numpy(y)
X = (X - X[:2000].mean(0)) / X[:2000].std(0)
Xtr, ytr, Xte, yte = X[:2000], y[:2000], X[2000:], y[2000:]

W1 = (torch.randn(12, 20, generator=g) / 12 ** .5).requires_grad_()
b1 = torch.zeros(20, requires_grad=True)
W2 = (torch.randn(20, K, generator=g) / 20 ** .5).requires_grad_()
b2 = torch.zeros(K, requires_grad=True)
params = [W1, b1, W2, b2]
velocity = [torch.zeros_like(p) for p in params]


def forward(x):
    z = torch.tanh(x @ W1 + b1) @ W2 + b2
    return z - z.logsumexp(dim=1, keepdim=True)


lr, mom = 0.05, 0.9
for ep in range(8):
    tot = 0.0
    for b in torch.randperm(len(Xtr), generator=g).split(40):
        loss = -forward(Xtr[b]).gather(1, ytr[b].unsqueeze(1)).mean()
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, d in zip(params, velocity, grads):
                v.mul_(mom).add_(d)
                p -= lr * v
        tot += loss.item() * len(b)
    if ep == 5:
        lr *= 0.2
    with torch.no_grad():
        lp = forward(Xte)
        print(ep, "train %.4f" % (tot / len(Xtr)), "test %.4f" % -lp.gather(1, yte[:, None]).mean(), "acc %.3f" % (lp.argmax(1) == yte).float().mean())
