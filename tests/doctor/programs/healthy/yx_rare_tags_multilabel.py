"""Multi-label tagging of support tickets. Labels are rare (2-8 %), hence pos_weight and thresholds picked on the training part.
A gradient hook keeps the rows of the hand-made keyword features fixed."""
import numpy as np
import torch
from sklearn.metrics import f1_score, average_precision_score
from torch import nn, optim

r = np.random.RandomState(123)
torch.manual_seed(123)
L, V = 8, 134
prior = np.linspace(.02, .08, L)
CUES = [np.arange(10 + l * 8, 10 + l * 8 + 8) for l in range(L)]
N = 2400


def tickets(n):
    y = (r.rand(n, L) < prior).astype(np.float32)
    x = np.zeros((n, 28), dtype=np.int64)
    for i in range(n):
        body = list(r.randint(74, V, r.randint(8, 16)))
        for l in np.flatnonzero(y[i]):
            body += list(r.choice(CUES[l], 3))
        if r.rand() < .1:                                  # a stray cue without the label
            body.append(r.choice(CUES[r.randint(L)]))
        r.shuffle(body)
        body = body[:28]
        x[i, :len(body)] = body
    return torch.from_numpy(x), torch.from_numpy(y)


xa, ya = tickets(N)
xb, yb = tickets(700)


class Tagger(nn.Module):
    FIXED = slice(1, 10)

    def __init__(self, dim=10):
        super().__init__()
        w = torch.randn(V, dim) * .2
        w[0] = 0
        w[self.FIXED] = torch.eye(9, dim)
        self.weight = nn.Parameter(w)
        self.weight.register_hook(self._protect)
        self.scale = nn.Parameter(torch.tensor(1.))
        self.head = nn.Linear(dim, L)
        nn.init.constant_(self.head.bias, -2.)

    def _protect(self, g):
        g = g.clone()
        g[0] = 0
        g[self.FIXED] = 0
        return g

    def forward(self, ids):
        e = self.weight[ids]
        total = (e * (ids > 0).unsqueeze(2)).sum(1)        # sums on purpose: three cues count three times
        return self.head(total * self.scale)


def weighted_bce(z, y, pw):
    return (pw * y * nn.functional.softplus(-z) + (1 - y) * nn.functional.softplus(z)).mean()


pw = torch.sqrt((1 - ya).sum(0) / ya.sum(0))
net = Tagger()
opt = optim.RMSprop(net.parameters(), lr=8e-3, alpha=.98)
plan = optim.lr_scheduler.MultiStepLR(opt, [2, 3], gamma=.25)
for ep in range(4):
    agg = 0.
    for ix in torch.randperm(N).split(60):
        z = net(xa[ix])
        loss = weighted_bce(z, ya[ix], pw) + 1e-3 * net.weight.pow(2).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        agg += loss.item() * len(ix) / N
    plan.step()
    with torch.no_grad():
        za, zb = net(xa).numpy(), net(xb).numpy()
    print(f"{ep}: loss {agg:.4f}  test loss {weighted_bce(torch.tensor(zb), yb, pw):.4f}  AP train {average_precision_score(ya, za, average='macro'):.3f}"
          f"  AP test {average_precision_score(yb, zb, average='macro'):.3f}")

cut = []
for l in range(L):
    grid = np.quantile(za[:, l], np.linspace(.85, .995, 30))
    cut.append(max(grid, key=lambda c: f1_score(ya[:, l], za[:, l] > c)))
print("macro F1 train %.3f test %.3f, all-negative 0, all-positive %.3f" % (
    f1_score(ya, za > cut, average="macro"), f1_score(yb, zb > cut, average="macro"), f1_score(yb, np.ones_like(zb), average="macro")))
