# How much is the flat?  Advert text + floor area -> mean and spread of the log price.
# Loss is the Gaussian NLL, which goes below zero once the spread gets small.
import numpy as np, torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

rs = np.random.RandomState(8)
gen = torch.Generator().manual_seed(8)
torch.manual_seed(8)

good = {"balcony": .08, "renovated": .15, "garden": .12, "quiet": .05, "central": .2, "parquet": .06, "lift": .04, "view": .1}
bad = {"basement": -.2, "noisy": -.1, "dated": -.12, "suburb": -.15, "dark": -.08, "small": -.05}
neutral = ["flat", "rooms", "bath", "kitchen", "available", "now", "contact", "owner", "near", "bus", "floor", "with", "and"]
effects = {**good, **bad}
vocab = ["<pad>"] + sorted(effects) + neutral
idx = {w: i for i, w in enumerate(vocab)}
MAXLEN = 12

N = 3200
toks = np.zeros((N, MAXLEN), dtype=np.int64)
area = rs.uniform(25, 140, N)
logp = np.empty(N)
for n in range(N):
    k = rs.randint(0, 5)
    kw = list(rs.choice(sorted(effects), k, replace=False))
    rest = list(rs.choice(neutral, rs.randint(3, 8), replace=False))
    ad = kw + rest
    rs.shuffle(ad)
    toks[n, :len(ad)] = [idx[w] for w in ad]
    noise = .12 if "dated" in kw or "renovated" in kw else .05        # some ads are harder to price
    logp[n] = .9 * np.log(area[n]) + sum(effects[w] for w in kw) + noise * rs.randn()

y = torch.tensor((logp - logp[:2600].mean()) / logp[:2600].std(), dtype=torch.float32)
a = torch.tensor((np.log(area) - 4.3) / .45, dtype=torch.float32)[:, None]
ds = TensorDataset(torch.from_numpy(toks), a, y)
tr, va = torch.utils.data.Subset(ds, range(2600)), torch.utils.data.Subset(ds, range(2600, N))


class AdModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(vocab), 8, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(9, 32), nn.SiLU(), nn.Linear(32, 2))
        with torch.no_grad():
            self.words.weight.mul_(.3)

    def forward(self, t, a):
        s = self.words(t).sum(1)              # pad row is zero and stays zero
        mu, raw = self.body(torch.cat([s, a], 1)).unbind(1)
        return mu, nn.functional.softplus(raw) + 1e-3


net = AdModel()
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, .8)
loader = DataLoader(tr, batch_size=32, shuffle=True, generator=gen)


def report(sub):
    net.eval()
    t, a_, y_ = (torch.stack(c) for c in zip(*[sub[i] for i in range(len(sub))]))
    with torch.no_grad():
        mu, var = net(t, a_)
        r2 = 1 - ((mu - y_) ** 2).mean() / y_.var()
        inside = ((mu - y_).abs() < 1.645 * var.sqrt()).float().mean()
        return nll(mu, y_, var).item(), r2.item(), inside.item()


for epoch in range(12):
    net.train()
    for t, a_, y_ in loader:
        mu, var = net(t, a_)
        loss = nll(mu, y_, var)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sch.step()
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "train nll %.3f r2 %.3f in90 %.3f |" % report(tr), "valid nll %.3f r2 %.3f in90 %.3f" % report(va))
