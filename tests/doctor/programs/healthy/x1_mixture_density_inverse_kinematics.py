"""Mixture density network: where was the arm's elbow, given where the hand is? Two answers fit, so a mean would not do."""
import math
import numpy as np
import torch
import torch.nn.functional as F

K, H, N = 3, 40, 6000
rng = np.random.default_rng(8)
torch.manual_seed(8)

reach = rng.uniform(0.6, 1.8, N)
bend = np.arccos(np.clip((reach ** 2 - 2) / 2, -1, 1))
sign = rng.choice([-1.0, 1.0], N, p=[.35, .65])
angle = sign * bend + rng.normal(0, 0.08 + 0.06 * (reach > 1.2), N)
x = torch.tensor((reach - 1.2) / 0.35, dtype=torch.float32).unsqueeze(1)
t = torch.tensor(angle / 1.8, dtype=torch.float32)
xa, ta, xb, tb = x[:5000], t[:5000], x[5000:], t[5000:]


def glorot(i, o):
    return (torch.randn(i, o) * math.sqrt(2 / (i + o))).requires_grad_()


W = [glorot(1, H), torch.randn(H).mul_(.5).requires_grad_(), glorot(H, H), torch.zeros(H, requires_grad=True),
     glorot(H, 3 * K), torch.cat([torch.zeros(K), torch.linspace(-1, 1, K), torch.full((K,), -1.)]).requires_grad_()]


def log_density(x, t):
    h = torch.tanh(torch.tanh(x @ W[0] + W[1]) @ W[2] + W[3])
    pi, mu, ls = (h @ W[4] + W[5]).chunk(3, dim=1)
    z = (t.unsqueeze(1) - mu) * torch.exp(-ls)
    comp = -0.5 * z * z - ls - 0.5 * math.log(2 * math.pi)
    return torch.logsumexp(F.log_softmax(pi, 1) + comp, 1)


# Adam written out
m, v, step = [torch.zeros_like(w) for w in W], [torch.zeros_like(w) for w in W], 0
EPOCHS, B = 16, 100
total = EPOCHS * len(xa) // B
one = -(-0.5 - math.log(tb.std().item()) - 0.5 * math.log(2 * math.pi))
print(f"nll of a single normal {one:.3f}")
for epoch in range(EPOCHS):
    acc = 0.
    for idx in torch.randperm(len(xa)).split(B):
        nll = -log_density(xa[idx], ta[idx]).mean()
        grads = torch.autograd.grad(nll, W)
        step += 1
        lr = 0.006 * 0.5 * (1 + math.cos(math.pi * step / total))
        norm = torch.sqrt(sum(g.square().sum() for g in grads))
        clip = min(1.0, 5.0 / (norm.item() + 1e-9))
        with torch.no_grad():
            for k, (w, g) in enumerate(zip(W, grads)):
                m[k].mul_(.9).add_(g * clip, alpha=.1)
                v[k].mul_(.99).addcmul_(g * clip, g * clip, value=.01)
                w -= lr * (m[k] / (1 - .9 ** step)) / ((v[k] / (1 - .99 ** step)).sqrt() + 1e-8)
        acc += nll.item() * len(idx)
    with torch.no_grad():
        if epoch % 2 == 1:
            print(f"{epoch + 1:2d} train nll {acc / len(xa):.4f} held-out nll {-log_density(xb, tb).mean().item():.4f}")
