# k-mer vectors, GloVe objective, Adagrad, from windowed co-occurrence counts
# (counts come from a made-up metagenome: latent motif families attract or repel one another)
import torch
import numpy as np

rs = np.random.RandomState(40)
torch.manual_seed(40)
K, D_TRUE, D = 150, 3, 4
u = rs.randn(K, D_TRUE) * .6
freq = rs.randn(K) * .5 + 1.6
lograte = freq[:, None] + freq[None] + u @ u.T
counts = rs.poisson(np.exp(lograte))
i, j = np.triu_indices(K, 1)
keep = counts[i, j] > 0                                   # as in the paper: only pairs that were seen
i, j = i[keep], j[keep]
x = counts[i, j].astype('float64')
perm = rs.permutation(len(i))
i, j, x = (torch.tensor(a[perm]) for a in (i, j, x))
x = x.float()
n_held = len(i) // 8
tr = slice(n_held, None)
weight = torch.clamp((x / 60.) ** .75, max=1.)
y = torch.log(x)

W = torch.nn.Parameter((torch.rand(K, D) - .5) * .6)
b = torch.nn.Parameter(torch.full((K,), float(y[tr].mean()) / 2))
opt = torch.optim.Adagrad([W, b], lr=.15)


def fitted(i, j):
    return (W[i] * W[j]).sum(1) + b[i] + b[j]


@torch.no_grad()
def r2(s):
    w = weight[s]
    res = (w * (fitted(i[s], j[s]) - y[s]) ** 2).sum()
    mean = (w * y[s]).sum() / w.sum()
    return 1 - (res / (w * (y[s] - mean) ** 2).sum()).item()


n = len(i) - n_held
for it in range(1, 13):
    cost = 0.
    for k in (torch.randperm(n) + n_held).split(256):
        J = (weight[k] * (fitted(i[k], j[k]) - y[k]).square()).sum()
        opt.zero_grad()
        (J / len(k)).backward()
        opt.step()
        cost += J.item()
    if it % 3 == 0:
        print('iter %2d cost %.4f  weighted R2 seen %.3f  held-out pairs %.3f' % (it, cost / n, r2(tr), r2(slice(0, n_held))))

truth = torch.tensor(u @ u.T)
est = (W @ W.T).detach()
m = ~torch.eye(K, dtype=torch.bool)
print('recovered affinities, r = %.3f' % np.corrcoef(truth[m].numpy(), est[m].numpy())[0, 1])
