# Travel-time estimates with an error bar: predict mean and log-variance of the (scaled) leg duration
# from a sequence of road segments. The negative log-likelihood goes below zero once the fit is sharp.
import math
import random
import torch

random.seed(9); torch.manual_seed(9)
KINDS = ["motorway", "trunk", "primary", "city", "gravel", "ferry", "tunnel", "ramp"]
cost = {"motorway": .2, "trunk": .3, "primary": .4, "city": .7, "gravel": .9, "ferry": 1.4, "tunnel": .25, "ramp": .1}
noise = {"ferry": .12}


def leg():
    segs = random.choices(KINDS, weights=[4, 3, 4, 4, 1, .5, 1, 2], k=random.randint(3, 14))
    sd = math.sqrt(sum(noise.get(s, .01) ** 2 for s in segs))
    return segs, sum(cost[s] for s in segs) / 4 + random.gauss(0, sd)


legs = [leg() for _ in range(3000)]
idx = {k: i for i, k in enumerate(KINDS)}


def pack(rows):
    flat = torch.tensor([idx[s] for segs, _ in rows for s in segs])
    starts = torch.tensor([0] + [len(segs) for segs, _ in rows[:-1]]).cumsum(0)
    return flat, starts, torch.tensor([t for _, t in rows])


class EtaNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.segments = torch.nn.EmbeddingBag(len(KINDS), 16, mode="sum")
        self.mu = torch.nn.Linear(16, 1)
        self.log_var = torch.nn.Sequential(torch.nn.Linear(16, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))

    def forward(self, flat, starts):
        h = self.segments(flat, starts) / 4
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1)


train, dev = legs[:2400], legs[2400:]
net = EtaNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
for ep in range(8):
    random.shuffle(train)
    tot = 0.
    for i in range(0, len(train), 40):
        flat, starts, y = pack(train[i:i + 40])
        mu, lv = net(flat, starts)
        nll = .5 * (lv + (y - mu) ** 2 / lv.exp()).mean()
        opt.zero_grad(); nll.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += nll.item() * len(y)
    sched.step()
    with torch.no_grad():
        flat, starts, y = pack(dev)
        mu, lv = net(flat, starts)
        dev_nll = .5 * (lv + (y - mu) ** 2 / lv.exp()).mean()
        r2 = 1 - ((y - mu) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        cover = ((y - mu).abs() < 1.64 * (lv / 2).exp()).float().mean()
    print(f"{ep} nll {tot / len(train):+.3f} dev nll {dev_nll:+.3f} R2 {r2:.3f} inside 90% band {cover:.3f}")
