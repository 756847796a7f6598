# First-order MAML on sine regression, functional style (weights live in a plain dict).
import math, torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(42)

def tasks(n, k):
    amp = torch.rand(n, 1, 1, generator=g) * 1.5 + .5
    ph = torch.rand(n, 1, 1, generator=g) * math.pi
    x = torch.rand(n, 2 * k, 1, generator=g) * 6 - 3
    y = amp * torch.sin(x + ph)
    return x[:, :k], y[:, :k], x[:, k:], y[:, k:]

def init(h=40):
    r = lambda *s: torch.randn(*s, generator=g)
    w = {'w1': r(1, h), 'b1': r(1, h), 'w2': r(h, h) / h ** .5, 'b2': torch.zeros(1, h), 'w3': r(h, 1) / h ** .5, 'b3': torch.zeros(1, 1)}
    return {k: v.requires_grad_() for k, v in w.items()}

def net(w, x):                                    # every tensor has a leading task axis
    x = torch.tanh(x @ w['w1'] + w['b1'])
    x = torch.tanh(x @ w['w2'] + w['b2'])
    return x @ w['w3'] + w['b3']

def adapt(w, x, y, steps, lr=.012):
    fast = {k: v.detach().unsqueeze(0).repeat(len(x), 1, 1).requires_grad_() for k, v in w.items()}
    for _ in range(steps):
        loss = F.mse_loss(net(fast, x), y, reduction='none').mean((1, 2)).sum()
        grads = torch.autograd.grad(loss, list(fast.values()))
        fast = {k: (v - lr * d).detach().requires_grad_() for (k, v), d in zip(fast.items(), grads)}
    return fast

META, K, INNER = 600, 10, 4
w = init()
ms = {k: torch.zeros_like(v) for k, v in w.items()}
vs = {k: torch.zeros_like(v) for k, v in w.items()}
val = tasks(200, K)

def evaluate(steps):
    xs, ys, xq, yq = val
    return F.mse_loss(net(adapt(w, xs, ys, steps), xq), yq).item()

print('before meta-training: mse after 0/4/8 steps', [round(evaluate(s), 3) for s in (0, 4, 8)])
smooth = None
for it in range(1, META + 1):
    xs, ys, xq, yq = tasks(16, K)
    fast = adapt(w, xs, ys, INNER)
    loss = F.mse_loss(net(fast, xq), yq)
    grads = torch.autograd.grad(loss, list(fast.values()))
    lr = 5e-3 * .5 * (1 + math.cos(math.pi * it / META))
    with torch.no_grad():                         # Adam by hand on the slow weights
        for (k, p), d in zip(w.items(), grads):
            d = d.sum(0)
            ms[k].mul_(.9).add_(d, alpha=.1)
            vs[k].mul_(.99).addcmul_(d, d, value=.01)
            p.sub_(lr * (ms[k] / (1 - .9 ** it)) / ((vs[k] / (1 - .99 ** it)).sqrt() + 1e-8))
    smooth = loss.item() if smooth is None else .95 * smooth + .05 * loss.item()
    if it % 120 == 0:
        print(f'meta step {it}: query mse {smooth:.3f}   new tasks, 4 steps {evaluate(4):.3f}')
print('after meta-training:  mse after 0/4/8 steps', [round(evaluate(s), 3) for s in (0, 4, 8)], ' target variance %.3f' % val[3].var().item())
