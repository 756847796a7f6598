# Kaggle-like tabular + text: price of used bikes from an advert and four numbers.
import numpy as np, torch, torch.nn as nn
from sklearn.metrics import r2_score, mean_absolute_error

np.random.seed(3); torch.manual_seed(3)
N = 3600
GOOD = {"carbon": .50, "hydraulic": .22, "new": .15, "serviced": .12, "shimano": .10, "light": .18, "electric": .75}
BAD = {"rust": -.35, "scratched": -.15, "project": -.45, "bent": -.40, "old": -.12, "missing": -.25}
FILL = "bike for sale good ride town blue red black only collect cash wheels saddle frame child garage selling moving".split()
value = {**GOOD, **BAD}
lexicon = list(GOOD) + list(BAD)

age = np.random.gamma(2., 3., N); km = np.random.lognormal(7, 1, N); gears = np.random.choice([1, 3, 7, 11, 21], N)
size = np.random.normal(54, 4, N)
text, effect = [], np.zeros(N)
for r in range(N):
    keys = list(np.random.choice(lexicon, np.random.randint(0, 4), replace=False))
    words = keys + list(np.random.choice(FILL, np.random.randint(4, 12)))
    np.random.shuffle(words); text.append(" ".join(words))
    effect[r] = sum(value[k] for k in keys)
logp = 5.6 + effect - .07 * age - .10 * np.log(km) + .018 * gears + np.random.normal(0, .1, N)
km_seen = np.where(np.random.rand(N) < .15, np.nan, km)      # not everybody tells

# ---- features -----------------------------------------------------------
cut = 3000
num = np.c_[np.log1p(age), np.log(km_seen), gears, size]
miss = np.isnan(num[:, 1:2]).astype(float)
num[:, 1] = np.where(np.isnan(num[:, 1]), np.nanmedian(num[:cut, 1]), num[:, 1])
mu, sd = num[:cut].mean(0), num[:cut].std(0)
X = torch.tensor(np.c_[(num - mu) / sd, miss], dtype=torch.float32)
ym, ys = logp[:cut].mean(), logp[:cut].std()
Y = torch.tensor((logp - ym) / ys, dtype=torch.float32)

vocab = {w: i for i, w in enumerate(sorted({w for t in text[:cut] for w in t.split()}))}
ids = [torch.tensor([vocab[w] for w in t.split() if w in vocab]) for t in text]


def batch(idx):
    bags = [ids[i] for i in idx]
    off = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
    return torch.cat(bags), off, X[idx], Y[idx]


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag(len(vocab), 6, mode="sum")
        nn.init.normal_(self.words.weight, std=.1)
        self.wide = nn.Linear(5 + 6, 1)
        self.deep = nn.Sequential(nn.Linear(5 + 6, 24), nn.SiLU(), nn.Linear(24, 1))

    def forward(self, flat, off, x):
        z = torch.cat([self.words(flat, off), x], 1)
        return (self.wide(z) + self.deep(z))[:, 0]


net = PriceNet()
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=7)
huber = nn.SmoothL1Loss(beta=.5)


def report(rows, name):
    net.eval()
    with torch.no_grad():
        f, o, x, y = batch(rows)
        p = net(f, o, x).numpy() * ys + ym
    t = y.numpy() * ys + ym
    print(f"   {name:6s} r2 {r2_score(t, p):.3f}   MAE {mean_absolute_error(np.exp(t), np.exp(p)):.1f} eur")


for epoch in range(7):
    net.train(); order = np.random.permutation(cut); losses = []
    for s in range(0, cut, 64):
        f, o, x, y = batch(order[s:s + 64])
        loss = huber(net(f, o, x), y)
        opt.zero_grad(); loss.backward(); opt.step(); losses.append(loss.item())
    sched.step()
    print("epoch", epoch, "huber", round(float(np.mean(losses)), 4))
    report(np.arange(cut), "train"); report(np.arange(cut, N), "test")
