# Delivery promise for a parts supplier. We need a time AND how sure we are of it, so the net gives mean and log-variance.
# (The negative log likelihood is a density and goes below zero.)
import math
import random
import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)

base = {"bolts": .5, "gasket": .8, "pump": 1.6, "gearbox": 3.0, "motor": 2.4, "sensor": 1.1, "belt": .7, "casting": 3.6}
mode = {"courier": (.2, .03), "van": (.5, .08), "rail": (1.0, .15), "ship": (2.0, .4)}
region = {"north": .1, "south": .3, "east": .2, "west": .25, "abroad": .9}
vocab = {w: i for i, w in enumerate(list(base) + list(mode) + list(region) + ["urgent", "order", "to", "by", "please", "pallet", "box"])}


def order():
    p, m, r = random.choice(list(base)), random.choice(list(mode)), random.choice(list(region))
    urgent = random.random() < .3
    w = ["order", p, "by", m, "to", r] + ["urgent"] * urgent + random.sample(["please", "pallet", "box"], random.randint(0, 2))
    t = base[p] + mode[m][0] + region[r] - .4 * urgent
    return w, t + random.gauss(0, mode[m][1])


rows = [order() for _ in range(3000)]


def collate(part):
    flat = torch.tensor([vocab[w] for ws, _ in part for w in ws])
    offs, n = [], 0
    for ws, _ in part:
        offs.append(n)
        n += len(ws)
    return flat, torch.tensor(offs), torch.tensor([t for _, t in part])


train, test = rows[:2400], rows[2400:]


class Promise(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(len(vocab), 32, mode="sum")
        nn.init.normal_(self.e.weight, std=.3)
        self.h = nn.Sequential(nn.Linear(32, 32), nn.Tanh())
        self.mean, self.logvar = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, f, o):
        h = self.h(self.e(f, o))
        return self.mean(h).squeeze(1), self.logvar(h).squeeze(1).clamp(-8, 4)


def nll(mu, lv, t):
    return (.5 * (lv + (t - mu) ** 2 / lv.exp() + math.log(2 * math.pi))).mean()


net = Promise()
net.mean.bias.data.fill_(sum(t for _, t in train) / len(train))
opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12 * 60)
for epoch in range(12):
    random.shuffle(train)
    run = 0
    net.train()
    for i in range(0, 2400, 40):
        f, o, t = collate(train[i:i + 40])
        loss = nll(*net(f, o), t)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        sched.step()
        run += loss.item()
    net.eval()
    with torch.no_grad():
        f, o, t = collate(test)
        mu, lv = net(f, o)
        r2 = 1 - ((mu - t) ** 2).mean() / t.var()
        inside = ((mu - t).abs() < 1.645 * (lv / 2).exp()).float().mean()
    print(f"{epoch:2d} nll {run / 60:.3f} test nll {nll(mu, lv, t):.3f} R2 {r2:.3f} inside 90% band {inside:.2f}")
