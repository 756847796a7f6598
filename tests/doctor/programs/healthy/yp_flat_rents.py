"""
Monthly rent of flats from numbers, a district and the ad's few words. Target is standardised log rent, Huber loss.
"""
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(2024)
torch.manual_seed(2024)

DISTRICTS = {'mitte': 1.35, 'west': 1.15, 'harbour': 1.25, 'north': 0.9, 'station': 1.0, 'hill': 1.1, 'east': 0.85}
EXTRAS = {'balcony': .05, 'garage': .06, 'renovated': .08, 'attic': -.04, 'furnished': .1, 'noisy': -.09, 'lift': .03,
          'sunny': .02, 'dark': -.06, 'luxury': .18, 'student': -.1, 'parquet': .04, 'quiet': .03, 'old': -.05, 'pool': .15}
extra_names = list(EXTRAS)
N = 2600
size = rng.gamma(6, 12, N) + 18
rooms = np.clip(np.round(size / 26 + rng.normal(0, .6, N)), 1, 8)
year = rng.integers(1900, 2022, N)
district = rng.integers(0, len(DISTRICTS), N)
ads = [rng.choice(len(extra_names), rng.integers(1, 6), replace=False) for _ in range(N)]
mult = np.array(list(DISTRICTS.values()))
eff = np.array(list(EXTRAS.values()))
logrent = (np.log(9) + .92 * np.log(size) + np.log(mult[district]) + .0018 * (year - 1960)
           + np.array([eff[a].sum() for a in ads]) + rng.normal(0, .07, N))

bag = np.zeros((N, len(extra_names)), 'float32')       # word counts of the ad
for i, a in enumerate(ads):
    bag[i, a] = 1
num = np.stack([np.log(size), rooms, (year - 1960) / 40], 1).astype('float32')
ntr = 2100
mu, sd = num[:ntr].mean(0), num[:ntr].std(0)
num = (num - mu) / sd
y_mu, y_sd = logrent[:ntr].mean(), logrent[:ntr].std()
y = ((logrent - y_mu) / y_sd).astype('float32')

tensors = [torch.from_numpy(num), torch.from_numpy(district), torch.from_numpy(bag), torch.from_numpy(y).unsqueeze(1)]
tr = [t[:ntr] for t in tensors]
va = [t[ntr:] for t in tensors]


class RentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.district = nn.Embedding(len(DISTRICTS), 3)
        self.words = nn.Linear(len(extra_names), 6, bias=False)
        self.mlp = nn.Sequential(nn.Linear(3 + 3 + 6, 32), nn.SiLU(), nn.Linear(32, 1))

    def forward(self, n, d, w):
        return self.mlp(torch.cat((n, self.district(d), self.words(w)), dim=1))


net = RentNet()
huber = nn.HuberLoss(delta=1.0)
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=.3, patience=1)


def score(part):
    net.eval()
    with torch.no_grad():
        pred, gold = net(*part[:3]), part[3]
    r2 = 1 - ((pred - gold) ** 2).sum() / ((gold - gold.mean()) ** 2).sum()
    err = (torch.exp((pred - gold) * y_sd) - 1).abs().median()
    return huber(pred, gold).item(), r2.item(), err.item()


for epoch in range(1, 13):
    net.train()
    for idx in torch.randperm(ntr).split(64):
        n, d, w, t = (c[idx] for c in tr)
        loss = huber(net(n, d, w), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
    val, r2, err = score(va)
    plateau.step(val)
    if epoch % 2 == 0:
        print(f"epoch {epoch:2d}  val huber {val:.4f}  R2 {r2:.3f}  median error {100 * err:.1f}%  lr {opt.param_groups[0]['lr']:.1e}")
print("train huber %.4f R2 %.3f" % score(tr)[:2])
