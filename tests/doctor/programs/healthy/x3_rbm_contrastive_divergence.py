"""A restricted Boltzmann machine trained by contrastive divergence (Hinton 2002). No autograd: the updates are written
out. Data: binary word-occurrence vectors; test: fill in hidden words of a document."""
import torch

torch.manual_seed(31)
torch.set_grad_enabled(False)
K, V, H = 6, 60, 24
themes = (torch.rand(K, V) < 0.35).float()


def documents(n):
    z = torch.randint(K, (n,))
    flip = torch.rand(n, V) < 0.04
    return torch.where(flip, 1 - themes[z], themes[z])


train, test = documents(3000), documents(600)
w = 0.01 * torch.randn(V, H)
p = train.mean(0).clamp(0.01, 0.99)
a, b = (p / (1 - p)).log(), torch.zeros(H)
dw, da, db = torch.zeros_like(w), torch.zeros_like(a), torch.zeros_like(b)

hid = lambda v: torch.sigmoid(v @ w + b)
vis = lambda h: torch.sigmoid(h @ w.T + a)
coin = torch.bernoulli


def free_energy(v):
    return -(v @ a) - torch.nn.functional.softplus(v @ w + b).sum(1)


def completion(docs, hide=20, sweeps=15):
    """accuracy on `hide` clamped-out words, by mean-field sweeps"""
    v = docs.clone()
    v[:, :hide] = p[:hide]
    for _ in range(sweeps):
        v[:, :hide] = vis(hid(v))[:, :hide]
    return ((v[:, :hide] > 0.5).float() == docs[:, :hide]).float().mean().item()


prior = torch.maximum(p, 1 - p)[:20].mean().item()
print(f"always the likelier value: {prior:.3f}, untrained: {completion(test):.3f}")
for epoch in range(15):
    lr, mom = (0.1, 0.5) if epoch < 5 else (0.05, 0.9) if epoch < 11 else (0.01, 0.9)
    err = 0.0
    for v0 in train[torch.randperm(len(train))].split(50):
        h0 = hid(v0)
        h = coin(h0)
        for _ in range(2):
            v1 = coin(vis(h))
            h1 = hid(v1)
            h = coin(h1)
        n = len(v0)
        dw = mom * dw + lr * ((v0.T @ h0 - v1.T @ h1) / n - 2e-4 * w)
        da = mom * da + lr * (v0 - v1).mean(0)
        db = mom * db + lr * (h0 - h1).mean(0)
        w += dw
        a += da
        b += db
        err += (v0 - vis(h0)).pow(2).mean().item() * n
    if epoch % 3 == 2:
        gap = (free_energy(test).mean() - free_energy(train[:600]).mean()).item()
        print(f"epoch {epoch + 1:2d} reconstruction {err / len(train):.4f} free energy gap {gap:+.2f} "
              f"completion train {completion(train[:600]):.3f} test {completion(test):.3f}")
