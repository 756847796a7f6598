"""Motor claims: settlement ratio with its uncertainty.  Two categorical codes, three numbers; Gaussian likelihood.

The spread of the claims differs a lot between lines of business, so the net gives mean and log variance.
The negative log likelihood is in nats per claim and goes well below zero here, since the ratios vary little.
"""
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

rs = np.random.RandomState(31)
torch.manual_seed(31)

N, REGIONS, LINES = 5000, 12, 5
region, line = rs.randint(0, REGIONS, N), rs.randint(0, LINES, N)
age, value, delay = rs.uniform(18, 80, N), rs.lognormal(9, .5, N), rs.exponential(30, N)
base = rs.normal(0, .12, REGIONS)[region] + rs.normal(0, .1, LINES)[line]
sd = np.array([.01, .02, .03, .05, .08])[line]
ratio = base + .05 * np.tanh((age - 45) / 15) - .06 * np.log1p(delay / 30) + .04 * (np.log(value) - 9) + rs.normal(0, sd)

numbers = np.column_stack([age, np.log(value), np.log1p(delay)])
cut = 4200
mu, sg = numbers[:cut].mean(0), numbers[:cut].std(0)
numbers = (numbers - mu) / sg
everything = [torch.tensor(region), torch.tensor(line), torch.tensor(numbers, dtype=torch.float32),
              torch.tensor(ratio, dtype=torch.float32)]
train = TensorDataset(*[t[:cut] for t in everything])
test = [t[cut:] for t in everything]


class ClaimNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.region = nn.Embedding(REGIONS, 3)
        self.line = nn.Embedding(LINES, 2)
        self.body = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.mean, self.logvar = nn.Linear(32, 1), nn.Linear(32, 1)
        nn.init.constant_(self.logvar.bias, -2.)

    def forward(self, r, l, x):
        h = self.body(torch.cat([self.region(r), self.line(l), x], 1))
        return self.mean(h)[:, 0], self.logvar(h)[:, 0]


def nll(m, lv, y):
    return .5 * (lv + (y - m) ** 2 * torch.exp(-lv) + np.log(2 * np.pi)).mean()


net = ClaimNet()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
loader = DataLoader(train, batch_size=100, shuffle=True)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=12 * len(loader))
for epoch in range(12):
    total = 0
    for r, l, x, y in loader:
        opt.zero_grad()
        loss = nll(*net(r, l, x), y)
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(y)
    if epoch % 3 == 1:
        print(f"epoch {epoch:2d}  nll {total / cut:+.3f}")

net.eval()
with torch.no_grad():
    m, lv = net(*test[:3])
    y = test[3]
    print(f"test nll {nll(m, lv, y):+.3f}   entropy of the noise itself {np.mean(np.log(sd[cut:])) + 1.419:+.3f}")
    print(f"R2 {1 - ((y - m) ** 2).mean() / y.var():.3f}")
    print("predicted sd per line:", [round(float(torch.exp(.5 * lv[test[1] == k]).mean()), 3) for k in range(LINES)])
