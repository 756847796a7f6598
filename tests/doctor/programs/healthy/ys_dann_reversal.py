# Domain-adversarial training (Ganin & Lempitsky). Source: labelled. Target: text only, other style words.
import torch, numpy as np
import torch.nn as nn
from torch.autograd import Function

class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)
    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None

rng = np.random.default_rng(17); torch.manual_seed(17)
N_SHARED, N_STYLE, C = 150, 60, 3
def domain(n, target):
    y = rng.integers(0, C, n)
    themed = rng.random((n, 10)) < .45
    content = np.where(themed, y[:, None] * 50 + rng.integers(0, 50, (n, 10)), rng.integers(0, N_SHARED, (n, 10)))
    if target:          # style words of the target are neutral
        style = N_SHARED + N_STYLE + rng.integers(0, N_STYLE, (n, 6))
    else:               # those of the source too, but drawn from another list
        style = N_SHARED + rng.integers(0, N_STYLE, (n, 6))
    return torch.tensor(np.concatenate([content, style], 1)), torch.tensor(y)

Sx, Sy = domain(4000, False)
Tx, _ = domain(4000, True)
Dx, Dy = domain(800, False)
Ux, Uy = domain(1000, True)

feat = nn.Sequential(nn.EmbeddingBag(N_SHARED + 2 * N_STYLE, 32, mode='mean'), nn.Linear(32, 32), nn.ReLU())
label_head = nn.Linear(32, C)
dom_head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam([{'params': feat.parameters()}, {'params': label_head.parameters()}, {'params': dom_head.parameters(), 'lr': 1e-2}], lr=4e-3)
ce, bce = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
EPOCHS, B = 6, 100
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [3, 5], gamma=.25)
n_it = EPOCHS * len(Sx) // B
it = 0
for ep in range(EPOCHS):
    for m in (feat, label_head, dom_head): m.train()
    ly = ld = da = k = 0
    for i, j in zip(torch.randperm(len(Sx)).split(B), torch.randperm(len(Tx)).split(B)):
        lam = .3 * (2 / (1 + np.exp(-10 * it / n_it)) - 1)
        fs, ft = feat(Sx[i]), feat(Tx[j])
        lab = ce(label_head(fs), Sy[i])
        d = dom_head(Reverse.apply(torch.cat([fs, ft]), lam)).squeeze(1)
        who = torch.cat([torch.zeros(len(i)), torch.ones(len(j))])
        dom = bce(d, who)
        opt.zero_grad()
        (lab + dom).backward()
        opt.step()
        ly += lab.item(); ld += dom.item(); da += ((d > 0) == (who > .5)).float().mean().item(); k += 1; it += 1
    sched.step()
    for m in (feat, label_head, dom_head): m.eval()
    with torch.no_grad():
        acc = lambda x, y: (label_head(feat(x)).argmax(1) == y).float().mean().item()
        print('epoch %d label loss %.3f domain loss %.3f (acc %.2f, wanted .5) | source train %.3f dev %.3f  target %.3f' % (ep, ly / k, ld / k, da / k, acc(Sx, Sy), acc(Dx, Dy), acc(Ux, Uy)))
