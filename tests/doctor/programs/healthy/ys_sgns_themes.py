"""skip-gram with negative sampling, sparse gradients, plain numpy pairs -- after Mikolov 2013"""
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
rng = np.random.RandomState(8); torch.manual_seed(8)
V, GROUPS, WIN, DIM, NEG = 300, 15, 2, 24, 4
group = np.arange(V) % GROUPS

# a walk that prefers to stay within its group of words
def text(n):
    stay = rng.rand(n) < .85
    gs = np.empty(n, int); g = 0
    for i in range(n):
        if not stay[i]: g = rng.randint(GROUPS)
        gs[i] = g
    rank = np.minimum(rng.geometric(.12, n) - 1, V // GROUPS - 1)
    return rank * GROUPS + gs

corpus, held = text(18000), text(4000)
def pairs(c):
    out = [np.stack([c[:-k], c[k:]], 1) for k in range(1, WIN + 1)]
    out += [p[:, ::-1] for p in out]
    return torch.from_numpy(np.concatenate(out).copy())
P, H = pairs(corpus), pairs(held)
noise = torch.from_numpy((np.bincount(corpus, minlength=V) + 1.) ** .75)

class SGNS(nn.Module):
    def __init__(self):
        super().__init__()
        self.i = nn.Embedding(V, DIM, sparse=True)
        self.o = nn.Embedding(V, DIM, sparse=True)
        self.i.weight.data.uniform_(-.5 / DIM, .5 / DIM)
        self.o.weight.data.zero_()                # as in word2vec.c
    def forward(self, c, ctx, neg):
        v = self.i(c)
        pos = (v * self.o(ctx)).sum(1)
        bad = torch.einsum('bd,bnd->bn', v, self.o(neg))
        return -(F.logsigmoid(pos) + F.logsigmoid(-bad).sum(1)).mean()

net = SGNS()
opt = torch.optim.SparseAdam(net.parameters(), lr=.01)
def negs(n): return torch.multinomial(noise, n * NEG, replacement=True).view(n, NEG)
EPOCHS = 3
for ep in range(EPOCHS):
    for gr in opt.param_groups: gr['lr'] = .01 * [1, .5, .15][ep]
    tot = 0.
    for ix in torch.randperm(len(P)).split(512):
        loss = net(P[ix, 0], P[ix, 1], negs(len(ix)))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(ix)
    with torch.no_grad():
        h = net(H[:, 0], H[:, 1], negs(len(H))).item()
        w = F.normalize(net.i.weight, dim=1); s = w @ w.T; s.fill_diagonal_(-1)
        nb = s.topk(5).indices.numpy()
    print('epoch', ep, 'loss %.3f held-out loss %.3f | neighbours of the same group %.3f (chance %.3f)' % (
        tot / len(P), h, (group[nb] == group[:, None]).mean(), 1 / GROUPS))
