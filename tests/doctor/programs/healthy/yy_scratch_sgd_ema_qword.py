# "Neural nets from scratch" lesson 5: no nn.Module, no torch.optim. Guess the hidden question word.
# Hashed words, one hidden layer, plain SGD with momentum written out, and an exponential moving average of the weights.
import os, zlib
import torch

torch.manual_seed(55)
D = os.environ['WORDFIT_DATA']
M = 2000                                                   # hash buckets

def questions():
    import csv
    heads = {'how': 0, 'what': 1, 'why': 2}
    with open(D + '/glue/QQP/train_subset8999.tsv', encoding='utf-8', newline='') as f:
        for r in csv.reader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            w = r[1].lower().rstrip('?').split()
            if len(w) > 3 and w[0] in heads:
                yield ' '.join(w), heads[w[0]]

rows = sorted(set(questions()))
perm = torch.randperm(len(rows)).tolist()
X, y = torch.zeros(len(rows), M), torch.empty(len(rows), dtype=torch.long)
for r, k in enumerate(perm):                               # the question word itself is hidden, guess it from the rest
    w = rows[k][0].split()[1:]
    for g in w + ['1_' + w[0], '2_' + w[0] + '_' + w[1]]:
        X[r, zlib.crc32(g.encode()) % M] = 1.
    y[r] = rows[k][1]
X = X / X.norm(dim=1, keepdim=True)
n = int(len(rows) * .8)
print('questions', len(rows), 'classes', y.bincount().tolist())

H, C = 8, 3
params = [torch.randn(M, H) * .1, torch.zeros(H), torch.randn(H, C) * (1 / H) ** .5, torch.zeros(C)]
for p in params: p.requires_grad_()
velocity = [torch.zeros_like(p) for p in params]
ema = [p.detach().clone() for p in params]

def forward(x, W):
    h = (x @ W[0] + W[1]).clamp_min(-.1)                   # a leaky sort of hinge
    return h @ W[2] + W[3]

def nll(z, t):
    return (z.logsumexp(1) - z[torch.arange(len(t)), t]).mean()

def acc(W, a, b):
    with torch.no_grad(): return (forward(X[a:b], W).argmax(1) == y[a:b]).float().mean().item()

for epoch in range(6):
    lr = .4 * (1 - epoch / 7)
    tot = 0.
    for idx in torch.randperm(n).split(32):
        loss = nll(forward(X[idx], params), y[idx]) + 1.5e-3 * (params[0] ** 2).sum() / 2
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, e, g in zip(params, velocity, ema, grads):
                v.mul_(.8).add_(g)
                p.sub_(lr * v)
                e.lerp_(p, .02)
        tot += loss.item() * len(idx)
    print('epoch %d  loss %.4f  train %.4f  test %.4f  test(ema) %.4f' % (epoch, tot / n, acc(params, 0, n), acc(params, n, len(y)), acc(ema, n, len(y))))
print('majority %.4f' % (y[n:].bincount().max() / len(y[n:])).item())
