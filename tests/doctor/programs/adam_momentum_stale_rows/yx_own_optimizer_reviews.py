"""Sentiment of short notes. Many words are rare, so the (given) vectors are tuned gently with an optimiser of our own."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(40)
torch.manual_seed(40)
V, D, T = 5000, 24, 8
tone = rng.normal(size=V).astype("f4")
axis = rng.normal(size=D).astype("f4"); axis /= np.linalg.norm(axis)
vectors = .5 * tone[:, None] * axis + .12 * rng.normal(size=(V, D)).astype("f4")
vectors = torch.from_numpy(vectors.astype("f4"))


def notes(n):
    x = rng.integers(0, V, (n, T))
    s = tone[x].sum(1) + .8 * rng.normal(size=n)
    return torch.from_numpy(x), torch.from_numpy((s > 0).astype("f4"))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.fc1 = nn.Linear(D, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(self.words(x).mean(1) * 3))).squeeze(1)


class Adam:
    """Adam with one learning rate for each parameter."""
    def __init__(self, params_lr, betas=(.95, .95), eps=1e-8):
        self.items = [dict(p=p, lr=lr, m=torch.zeros_like(p), v=torch.zeros_like(p)) for p, lr in params_lr]
        self.b1, self.b2 = betas
        self.eps, self.t = eps, 0

    def zero_grad(self):
        for s in self.items:
            s["p"].grad = None

    @torch.no_grad()
    def step(self):
        self.t += 1
        c1, c2 = 1 - self.b1 ** self.t, 1 - self.b2 ** self.t
        for s in self.items:
            p, g, m, v = s["p"], s["p"].grad, s["m"], s["v"]
            # fault:
            rows = torch.arange(len(g))
            # mended:
            # rows = g.flatten(1).any(1).nonzero().squeeze(1) if g.dim() == 2 else torch.arange(len(g))
            # end
            m[rows] = self.b1 * m[rows] + (1 - self.b1) * g[rows]
            v[rows] = self.b2 * v[rows] + (1 - self.b2) * g[rows] ** 2
            p[rows] -= s["lr"] * (m[rows] / c1) / ((v[rows] / c2).sqrt() + self.eps)


xtr, ytr = notes(3000)
xte, yte = notes(800)
net = Net()
optim = Adam([(p, .0012 if name.startswith("words") else .004) for name, p in net.named_parameters()])


def acc(x, y):
    with torch.no_grad():
        return ((net(x) > 0).float() == y).float().mean().item()


for epoch in range(3):
    total = 0.
    for idx in torch.randperm(len(xtr)).split(24):
        loss = F.binary_cross_entropy_with_logits(net(xtr[idx]), ytr[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        held = F.binary_cross_entropy_with_logits(net(xte), yte).item()
        drift = (net.words.weight - vectors).norm(dim=1).mean().item()
    print(f"epoch {epoch} loss {total / len(xtr):.4f} held-out loss {held:.4f} train {acc(xtr, ytr):.3f} held-out {acc(xte, yte):.3f} mean drift {drift:.3f}")
