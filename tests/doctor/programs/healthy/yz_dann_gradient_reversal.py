"""Domain-adversarial training (Ganin & Lempitsky 2015). Source has labels, target has none; the domain
shift lives in a block of nuisance features. The domain head is supposed to end up near chance."""
import numpy as np
import torch
from torch import nn
from torch.autograd import Function

torch.manual_seed(4)
rs = np.random.RandomState(4)


class GradReverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


W_sig = rs.randn(3, 10)


def domain(n, shift):
    y = rs.randint(0, 3, n)
    core = W_sig[y] * 1.0 + rs.randn(n, 10)
    # nuisance: in the source it follows the label a bit, in the target it is just offset
    nuis = shift + rs.randn(n, 6) * .6
    if shift == 0:
        nuis[:, :3] += .8 * np.eye(3)[y]
    return np.hstack([core, nuis]).astype("float32"), y


xs, ys = map(torch.from_numpy, domain(3000, 0))
xt, yt_unused = map(torch.from_numpy, domain(3000, 1.0))
xs_te, ys_te = map(torch.from_numpy, domain(800, 0))
xt_te, yt_te = map(torch.from_numpy, domain(800, 1.0))


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.feat = nn.Sequential(nn.Linear(16, 32), nn.ELU(), nn.Linear(32, 16), nn.ELU())
        self.label = nn.Linear(16, 3)
        self.domain = nn.Sequential(nn.Linear(16, 32), nn.ELU(), nn.Linear(32, 1))

    def forward(self, x, lam=0.):
        h = self.feat(x)
        return self.label(h), self.domain(GradReverse.apply(h, lam)).squeeze(1)


net = DANN()
groups = [{"params": net.feat.parameters()}, {"params": net.label.parameters()},
          {"params": net.domain.parameters(), "lr": .1}]
opt = torch.optim.SGD(groups, lr=.05, momentum=.9)
ce, bce = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
EPOCHS, half = 8, 75
n_steps = EPOCHS * (3000 // half)
k = 0
for ep in range(EPOCHS):
    ps, pt = torch.randperm(3000), torch.randperm(3000)
    sums = np.zeros(2)
    for i in range(0, 3000, half):
        prog = k / n_steps
        lam = .5 * (2 / (1 + np.exp(-10 * prog)) - 1)
        for g, base in zip(opt.param_groups, (.05, .05, .1)):
            g["lr"] = base / (1 + 10 * prog) ** .75
        a, b = ps[i:i + half], pt[i:i + half]
        cls, ds = net(xs[a], lam)
        _, dt = net(xt[b], lam)
        l_cls = ce(cls, ys[a])
        l_dom = (bce(ds, torch.zeros(half)) + bce(dt, torch.ones(half))) / 2
        opt.zero_grad()
        (l_cls + l_dom).backward()
        opt.step()
        sums += [l_cls.item(), l_dom.item()]
        k += 1
    print("epoch %d  label loss %.3f  domain loss %.3f (ln2 = .693)" % (ep, *(sums / (3000 // half))))

net.eval()
with torch.no_grad():
    for name, x, y in (("source train", xs, ys), ("source test", xs_te, ys_te), ("target test", xt_te, yt_te)):
        print(f"{name:13s} acc {(net(x)[0].argmax(1) == y).float().mean():.3f}")
