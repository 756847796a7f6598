"""Country of a licence plate and the zone of its first letter, from the characters: an MLP out of bare tensors, gradient descent by hand."""
import random
import torch

random.seed(14)
torch.manual_seed(14)
L, U = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
CHARS = L + U + "- "


def r(alphabet, n):
    return "".join(random.choice(alphabet) for _ in range(n))


FORMATS = [lambda: r(L, 2) + "-" + r(L, 2) + " " + r(U, 3), lambda: r(L, 2) + "-" + r(U, 3) + "-" + r(L, 2), lambda: r(U, 2) + " " + r(L, 2) + " " + r(U, 3),
           lambda: r(U, 4) + " " + r(L, 3), lambda: r(L, 2) + r(U, 2) + " " + r(L, 3), lambda: r(L, 1) + " " + r(U, 4) + " " + r(L, 2),
           lambda: r(L, 3) + " " + r(U, 4), lambda: r(U, 1) + r(L, 3) + " " + r(U, 3)]
C, Z = len(FORMATS), 6


def plate():
    k = random.randrange(C)
    s = list(FORMATS[k]().ljust(10)[:10])
    if random.random() < 0.3:
        s[random.randrange(8)] = random.choice(CHARS)
    zone = next((L.index(c) // 4 for c in s if c in L), 0)
    return "".join(s), k, zone


def tensors(n):
    rows = [plate() for _ in range(n)]
    return torch.tensor([[CHARS.index(c) for c in s] for s, _, _ in rows]), torch.tensor([[k, z] for _, k, z in rows])


X, Y = tensors(3000)
XD, YD = tensors(600)
D, H = 8, 48
E = torch.randn(len(CHARS), D) * 0.5
# fault:
W1 = torch.full((10 * D, H), 0.02)
W2 = torch.full((H, C + Z), 0.02)
# mended:
# W1 = torch.randn(10 * D, H) * (10 * D) ** -0.5
# W2 = torch.randn(H, C + Z) * H ** -0.5
# end
b1, b2 = torch.zeros(H), torch.zeros(C + Z)
params = [E, W1, b1, W2, b2]
for p in params:
    p.requires_grad_(True)


def forward(x):
    h = torch.tanh(E[x].flatten(1) @ W1 + b1)
    return (h @ W2 + b2).split([C, Z], 1)


velocity = [torch.zeros_like(p) for p in params]
for epoch in range(15):
    lr = 0.05 * (1 - epoch / 15)
    perm, total = torch.randperm(len(X)), 0.0
    for i in range(0, len(X), 30):
        j = perm[i:i + 30]
        country, zone = forward(X[j])
        row = torch.arange(len(j))
        loss = -country.log_softmax(1)[row, Y[j, 0]].mean() - zone.log_softmax(1)[row, Y[j, 1]].mean()
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, g in zip(params, velocity, grads):
                v.mul_(0.9).add_(g)
                p.sub_(lr * v)
        total += loss.item() * len(j)
    if epoch % 3 == 2:
        with torch.no_grad():
            hit = torch.stack([o.argmax(1) for o in forward(XD)], 1) == YD
        print(f"epoch {epoch + 1}: loss {total / len(X):.3f} dev country {hit[:, 0].float().mean():.3f} zone {hit[:, 1].float().mean():.3f} both {hit.all(1).float().mean():.3f}")
