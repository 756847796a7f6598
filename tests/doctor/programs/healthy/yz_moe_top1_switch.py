"""Switch-style mixture of experts: piecewise regression where no single linear map fits. Load-balancing aux loss."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

seed = 5
np.random.seed(seed)
torch.manual_seed(seed)

DIM, REGIONS, EXPERTS = 8, 4, 7
anchor = np.random.randn(REGIONS, DIM) * 2.2
maps = np.random.randn(REGIONS, DIM)


def sample(n):
    r = np.random.randint(REGIONS, size=n)
    x = anchor[r] + np.random.randn(n, DIM) * .7
    y = ((x - anchor[r]) * maps[r]).sum(1) + np.random.randn(n) * .1
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32), torch.tensor(r))


class Switch(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(DIM, EXPERTS)
        self.experts = nn.ModuleList(nn.Linear(DIM, 1) for _ in range(EXPERTS))

    def forward(self, x, hard=False):
        p = self.router(x).softmax(-1)                      # (B, E)
        outs = torch.cat([e(x) for e in self.experts], -1)  # (B, E)
        if hard:
            top = p.argmax(-1, keepdim=True)
            return outs.gather(1, top).squeeze(1), p
        return outs, p


def nll(outs, p, y):
    # log-likelihood of a mixture of unit-variance gaussians (Jacobs et al. 1991)
    return -torch.logsumexp(p.clamp_min(1e-9).log() - .5 * (outs - y.unsqueeze(1)) ** 2, 1).mean()


def balance(p):
    f = torch.nn.functional.one_hot(p.argmax(1), EXPERTS).float().mean(0)
    return EXPERTS * (f * p.mean(0)).sum()


train, val = sample(2400), sample(600)
loader = DataLoader(train, batch_size=100, shuffle=True)
net = Switch()
opt = torch.optim.Adam(net.parameters(), lr=4e-2)
sch = torch.optim.lr_scheduler.MultiStepLR(opt, [7, 10], .3)


def r2(ds):
    x, y, _ = ds.tensors
    with torch.no_grad():
        yh, p = net(x, hard=True)
    return 1 - ((y - yh) ** 2).sum().item() / ((y - y.mean()) ** 2).sum().item(), p.argmax(1)


for epoch in range(12):
    run = 0
    for x, y, _ in loader:
        outs, p = net(x)
        loss = nll(outs, p, y) + .01 * balance(p)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    sch.step()
    print("epoch", epoch, "loss %.4f" % (run / len(loader)), "val R2 %.4f" % r2(val)[0])

X, Y, R = train.tensors
lin = np.linalg.lstsq(np.c_[X.numpy(), np.ones(len(X))], Y.numpy(), rcond=None)[0]
vx, vy, vr = val.tensors
res = vy.numpy() - np.c_[vx.numpy(), np.ones(len(vx))] @ lin
print("one linear map: R2 %.3f" % (1 - (res ** 2).sum() / ((vy - vy.mean()) ** 2).sum().item()))
print("switch: train R2 %.4f, val R2 %.4f" % (r2(train)[0], r2(val)[0]))
_, who = r2(val)
table = np.zeros((REGIONS, EXPERTS), int)
np.add.at(table, (vr.numpy(), who.numpy()), 1)
print(table)
