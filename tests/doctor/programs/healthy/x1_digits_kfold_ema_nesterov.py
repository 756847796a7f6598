"""3-fold digits with a hand-made Nesterov optimiser, label smoothing and an averaged (EMA) copy that is the one scored."""
import copy
import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold


class Nesterov(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, decay=decay))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = p.grad + group["decay"] * p
                st = self.state[p]
                buf = st.setdefault("velocity", torch.zeros_like(p))
                buf.mul_(group["momentum"]).add_(g)
                p.add_(g + group["momentum"] * buf, alpha=-group["lr"])


class Ema:
    def __init__(self, net, rate):
        self.net, self.rate = copy.deepcopy(net).requires_grad_(False), rate

    @torch.no_grad()
    def update(self, net):
        for mine, new in zip(self.net.state_dict().values(), net.state_dict().values()):
            mine.copy_(mine * self.rate + new * (1 - self.rate)) if mine.is_floating_point() else mine.copy_(new)


def build():
    return nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 10))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


X, Y = load_digits(return_X_y=True)
X, Y = torch.tensor(X / 16.0, dtype=torch.float32), torch.tensor(Y)
folds = StratifiedKFold(3, shuffle=True, random_state=1)
results = []
for fold, (tr, te) in enumerate(folds.split(X, Y)):
    torch.manual_seed(fold)
    tr, te = torch.from_numpy(tr), torch.from_numpy(te)
    net = build()
    ema = Ema(net, 0.95)
    opt = Nesterov(net.parameters(), lr=0.03, momentum=0.9, decay=1e-4)
    crit = nn.CrossEntropyLoss(label_smoothing=0.1)
    for epoch in range(8):
        net.train()
        if epoch == 6:
            for grp in opt.param_groups:
                grp["lr"] *= 0.1
        tot = 0.0
        for b in tr[torch.randperm(len(tr))].split(80):
            loss = crit(net(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            ema.update(net)
            tot += loss.item() * len(b)
    results.append(accuracy(ema.net, X[te], Y[te]))
    print(f"fold {fold} loss {tot / len(tr):.3f} train {accuracy(ema.net, X[tr], Y[tr]):.3f} test {results[-1]:.3f}")
print(f"mean {np.mean(results):.3f} +- {np.std(results):.3f}")
