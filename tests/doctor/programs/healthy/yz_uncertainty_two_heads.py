# Kendall & Gal / Kendall, Gal & Cipolla: aleatoric variance head + learned task weights s = log sigma^2.
# One regression, one classification. Objective goes well below zero once the noise is modelled.
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(31)

n = 5000
X = torch.rand(n, 4) * 4 - 2
noise_std = .03 + .25 * torch.sigmoid(3 * X[:, 1])
target = torch.sin(1.5 * X[:, 0]) + .3 * X[:, 2] + noise_std * torch.randn(n)
label = (X[:, 0] * .8 + X[:, 3] + .25 * torch.randn(n) > 0).long() + (X[:, 3] - X[:, 0] > 1.5).long()
train_ds, val_ds = random_split(TensorDataset(X, target, label, noise_std), [4000, 1000], torch.Generator().manual_seed(1))


class TwoHeads(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.reg = nn.Linear(width, 2)       # mean, log variance
        self.cls = nn.Linear(width, 3)
        self.s = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        h = self.trunk(x)
        mean, logvar = self.reg(h).unbind(-1)
        return mean, logvar, self.cls(h)

    def objective(self, x, y, c):
        mean, logvar, logits = self(x)
        reg = .5 * (logvar + (y - mean) ** 2 * torch.exp(-logvar)).mean()
        cls = nn.functional.cross_entropy(logits, c)
        # the regression head carries its own variance, so only the classification is tempered
        total = reg + torch.exp(-self.s) * cls + .5 * self.s
        return total, reg.detach(), cls.detach()


def evaluate(net, ds):
    x, y, c, sd = (torch.stack(t) for t in zip(*ds))
    net.eval()
    with torch.no_grad():
        mean, logvar, logits = net(x)
        z = (y - mean) / (logvar / 2).exp()
        out = dict(rmse=(y - mean).pow(2).mean().sqrt(), cover95=(z.abs() < 1.96).float().mean(),
                   acc=(logits.argmax(1) == c).float().mean(),
                   sd_corr=torch.corrcoef(torch.stack([(logvar / 2).exp(), sd]))[0, 1])
    net.train()
    return {k: round(v.item(), 3) for k, v in out.items()}


net = TwoHeads()
EPOCHS = 9
loader = DataLoader(train_ds, batch_size=100, shuffle=True)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * len(loader))
for epoch in range(EPOCHS):
    sums = torch.zeros(3)
    for x, y, c, _ in loader:
        total, reg, cls = net.objective(x, y, c)
        opt.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        sched.step()
        sums += torch.stack([total.detach(), reg, cls])
    t, r, k = (sums / len(loader)).tolist()
    print(f"{epoch} total {t:+.3f} nll {r:+.3f} ce {k:.3f} s_cls {net.s.item():+.2f}")
print("train", evaluate(net, train_ds))
print("val  ", evaluate(net, val_ds))
print("floor: rmse %.3f, spread of target %.3f" % (noise_std.pow(2).mean().sqrt(), target.std()))
