# How long will the repair take? 10/50/90 % quantiles from the ticket text (pinball loss)
import numpy as np, torch
from torch import nn
rng = np.random.default_rng(77); torch.manual_seed(77)

parts = {"screen": 2.0, "battery": 1.0, "keyboard": 1.5, "mainboard": 6.0, "fan": 1.2, "hinge": 2.5, "camera": 1.8, "charger": .7, "speaker": 1.1, "disk": 3.0}
states = {"cracked": 1.3, "dead": 1.5, "loose": .6, "noisy": .8, "wet": 2.2, "hot": 1.1, "slow": .9, "missing": 1.0}
where = {"branch": .2, "depot": 2.0, "home": 1.0, "partner": 3.0}
words_extra = "customer says the since last week it again after update urgent model old new works sometimes very please check maybe also noticed".split()

def ticket():
    ps = rng.choice(list(parts), size=rng.integers(1, 4), replace=False)
    toks, mean = [], 0.0
    for p in ps:
        s = rng.choice(list(states)); toks += [s, p]; mean += parts[p] * states[s] ** .5
    w = rng.choice(list(where)); toks += ["via", w]; mean += where[w]
    toks += list(rng.choice(words_extra, size=rng.integers(2, 8)))
    toks = [toks[i] for i in rng.permutation(len(toks))]
    spread = .15 * mean if w != "partner" else .45 * mean        # partner shops are unpredictable
    return " ".join(toks), max(.3, mean + spread * rng.standard_normal())

bag = {}
while len(bag) < 3500:
    t, h = ticket(); bag[t] = h
texts, hours = list(bag), np.array(list(bag.values()), dtype=np.float32)
cut = 2700
vocab = sorted({w for t in texts[:cut] for w in t.split()})
pos = {w: i for i, w in enumerate(vocab)}
X = torch.zeros(len(texts), len(vocab))
for i, t in enumerate(texts):
    for w in t.split():
        if w in pos: X[i, pos[w]] += 1
mu, sd = hours[:cut].mean(), hours[:cut].std()
Y = torch.tensor((hours - mu) / sd)
taus = torch.tensor([.1, .5, .9])

class QNet(nn.Module):
    """median plus positive distances, so that the quantiles can't cross"""
    def __init__(self, d):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(d, 32), nn.SiLU())
        self.mid, self.gap = nn.Linear(32, 1), nn.Linear(32, 2)
    def forward(self, x):
        h = self.trunk(x); m = self.mid(h); g = nn.functional.softplus(self.gap(h))
        return torch.cat([m - g[:, :1], m, m + g[:, 1:]], 1)

def pinball(q, y):
    e = y.unsqueeze(1) - q
    return torch.maximum(taus * e, (taus - 1) * e).mean()

net = QNet(len(vocab))
ema = {k: v.clone() for k, v in net.state_dict().items()}
opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)
EPOCHS = 8
const = torch.quantile(Y[:cut], taus).expand(len(Y) - cut, 3)
print("constant quantiles: test pinball %.4f" % pinball(const, Y[cut:]))
shadow = QNet(len(vocab))
for ep in range(EPOCHS):
    for grp in opt.param_groups: grp["lr"] = 1e-2 * .6 ** ep
    net.train(); s = 0.
    for ix in torch.randperm(cut).split(64):
        loss = pinball(net(X[ix]), Y[ix])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(ix)
        with torch.no_grad():
            for k, v in net.state_dict().items(): ema[k].lerp_(v, .05)
    shadow.load_state_dict(ema); shadow.eval()
    with torch.no_grad():
        q = shadow(X[cut:]); y = Y[cut:]
    cover = ((y >= q[:, 0]) & (y <= q[:, 2])).float().mean()
    mae = (q[:, 1] - y).abs().mean() * sd
    print("epoch %d  train %.4f  test %.4f  coverage of 80%% interval %.3f  MAE %.2f h" % (ep + 1, s / cut, pinball(q, y), cover, mae))
