# Rent adverts: predict log-rent with an uncertainty.  Gaussian negative log likelihood written out; it falls below zero
# once sigma is small, as a density may exceed 1.
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

rnd = random.Random(99)
torch.manual_seed(99)
AREAS = {"harbour": .35, "old town": .45, "station": .05, "university": .2, "north end": -.1, "mill lane": -.25, "riverside": .3, "hillcrest": .15, "industrial park": -.4, "market square": .25}
STATE = {"renovated": .15, "tired": -.2, "modern": .12, "dated": -.12, "pristine": .2, "shabby": -.28, "clean": .02, "plain": -.05}
EXTRA = {"balcony": .06, "garden": .12, "garage": .1, "lift": .04, "sauna": .15, "damp cellar": -.06, "shared bath": -.22, "fireplace": .07, "street noise": -.1, "view": .09, "new kitchen": .08, "pets allowed": .0}

def advert():
    rooms = rnd.randint(1, 6)
    area, state = rnd.choice(list(AREAS)), rnd.choice(list(STATE))
    ex = rnd.sample(list(EXTRA), rnd.randint(1, 4))
    size = rooms * 18 + rnd.randint(0, 20)
    v = 6.0 + .18 * rooms + AREAS[area] + STATE[state] + sum(EXTRA[e] for e in ex)
    # flats "by owner" are priced carelessly: same mean, more spread
    owner = rnd.random() < .4
    v += rnd.gauss(0, .20 if owner else .05)
    parts = [f"{rooms} room flat", f"near {area}", f"{state} condition", f"about {size} sqm", "with " + " and ".join(ex), "let by owner" if owner else "let by agency"]
    tail = parts[1:]; rnd.shuffle(tail)
    return " , ".join(parts[:1] + tail), v

rows, texts = [], set()
while len(rows) < 3000:
    t, v = advert()
    if t not in texts:
        texts.add(t); rows.append((t, v))
train, test = rows[:2400], rows[2400:]
tokens = lambda t: [w for w in t.split() if w != ","]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in tokens(t)}))}
def bow(rows):
    m = torch.zeros(len(rows), len(vocab))
    for i, (t, _) in enumerate(rows):
        for w in tokens(t):
            if w in vocab: m[i, vocab[w]] = 1.
    return m, torch.tensor([v for _, v in rows])
Xtr, ytr = bow(train); Xte, yte = bow(test)
mean = ytr.mean()

class Rent(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu = nn.Linear(len(vocab), 1)
        self.s = nn.Linear(len(vocab), 1)
        for l in (self.mu, self.s): nn.init.zeros_(l.weight)
        nn.init.zeros_(self.mu.bias); nn.init.constant_(self.s.bias, -1.0)
    def forward(self, x):
        return mean + self.mu(x).squeeze(-1), self.s(x).squeeze(-1).clamp(-5, 2)     # clamp is only a guard

def nll(mu, log_sigma, y):
    return (log_sigma + 0.5 * ((y - mu) / log_sigma.exp()) ** 2 + 0.5 * math.log(2 * math.pi)).mean()

net = Rent()
opt = torch.optim.Adam([{"params": net.mu.parameters(), "lr": 0.01}, {"params": net.s.parameters(), "lr": 0.01, "weight_decay": 2e-3}])
warm = 2
for epoch in range(14):
    tot = 0
    for idx in torch.randperm(len(Xtr)).split(60):
        mu, ls = net(Xtr[idx])
        loss = F.mse_loss(mu, ytr[idx]) if epoch < warm else nll(mu, ls, ytr[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    if epoch >= 5:
        for g in opt.param_groups: g["lr"] *= .55
    with torch.no_grad():
        mu, ls = net(Xte)
        r2 = 1 - ((mu - yte) ** 2).sum() / ((yte - yte.mean()) ** 2).sum()
        inside = ((mu - yte).abs() < 1.96 * ls.exp()).float().mean()
        print(f"epoch {epoch:2d} {'mse' if epoch < warm else 'nll'} {tot / len(Xtr):.4f}  test nll {nll(mu, ls, yte):.4f}  R2 {r2:.3f}  95% interval covers {inside:.3f}")
