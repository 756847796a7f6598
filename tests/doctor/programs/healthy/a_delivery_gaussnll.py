"""Delivery notes -> hours, with a predicted spread (Gaussian negative log likelihood; the density of small spreads exceeds 1)."""
import random, math
import torch
from torch import nn

gen = random.Random(12); torch.manual_seed(12)
CARRIER = {"drone": (.2, .02), "courier": (.5, .06), "bike": (.35, .04), "van": (.8, .12), "ship": (1.6, .30), "rail": (1.1, .08)}
PLACE = {"downtown": 0., "suburb": .1, "island": .5, "village": .25, "airport": .05}
MOD = {"fragile": .06, "express": -.1, "signed": .03, "oversized": .15, "evening": .02, "morning": -.02}
FILL = "please note that the parcel goes to via ref order".split()


def note():
    c, p = gen.choice(list(CARRIER)), gen.choice(list(PLACE))
    ms = gen.sample(list(MOD), gen.randint(0, 3))
    base, spread = CARRIER[c]
    hours = base + PLACE[p] + sum(MOD[m] for m in ms) + gen.gauss(0, spread)
    w = [c, p] + ms + gen.choices(FILL, k=gen.randint(2, 6))
    gen.shuffle(w)
    return " ".join(w), hours


rows = {}
while len(rows) < 3400:
    t, h = note(); rows.setdefault(t, h)
rows = list(rows.items()); gen.shuffle(rows)
words = sorted({w for t, _ in rows[:2900] for w in t.split()})
W = {w: i + 1 for i, w in enumerate(words)}
T = max(len(t.split()) for t, _ in rows)
X = torch.tensor([[W.get(w, 0) for w in t.split()] + [0] * (T - len(t.split())) for t, _ in rows])
Y = torch.tensor([h for _, h in rows])
Xtr, Ytr, Xte, Yte = X[:2900], Y[:2900], X[2900:], Y[2900:]


class Regressor(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(W) + 1, d, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(d, 48), nn.SiLU())
        self.mean, self.logvar = nn.Linear(48, 1), nn.Linear(48, 1)

    def forward(self, x):
        h = self.body(self.emb(x).sum(1))          # a sum over words, padding adds nothing
        return self.mean(h).squeeze(1), self.logvar(h).squeeze(1).clamp(-9, 4)


def gaussian_nll(mean, logvar, y):
    return 0.5 * (logvar + (y - mean) ** 2 * torch.exp(-logvar) + math.log(2 * math.pi))


net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=8e-3, total_steps=18 * 46)
for ep in range(18):
    tot = 0.
    net.train()
    for i in torch.randperm(len(Xtr)).split(64):
        loss = gaussian_nll(*net(Xtr[i]), Ytr[i]).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step(); sched.step()
        tot += loss.item() * len(i)
    net.eval()
    with torch.no_grad():
        m, lv = net(Xte)
        nll = gaussian_nll(m, lv, Yte).mean().item()
        inside = ((Yte - m).abs() < 1.96 * (0.5 * lv).exp()).float().mean().item()
        r2 = 1 - ((Yte - m) ** 2).mean().item() / Yte.var(unbiased=False).item()
    print(f"epoch {ep + 1:2d}  train nll {tot / len(Xtr):+.3f}  test nll {nll:+.3f}  R2 {r2:.3f}  within 95 % band {inside:.3f}")
