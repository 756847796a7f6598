"""How long will this build take? Mean AND spread from the CI job's step list. Gaussian NLL of the log-minutes; it goes below
zero, as densities may. Reports calibration next to RMSE."""
import math
import random
import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
STEPS = [f"step_{i}" for i in range(40)]
rng = random.Random(600)
COST = {s: rng.uniform(0.2, 3.0) for s in STEPS}
FLAKY = set(rng.sample(STEPS, 6))
RUNNERS = {"arm": 1.6, "x86": 1.0, "mac": 1.3, "gpu": 0.7}


def job():
    k = random.randint(3, 9)
    steps = random.choices(STEPS, k=k)
    runner = random.choice(list(RUNNERS))
    sd = 0.35 if FLAKY & set(steps) else 0.05
    minutes = sum(COST[s] for s in steps) * RUNNERS[runner] * math.exp(random.gauss(0, sd))
    return [f"runner={runner}"] + steps, math.log(minutes)


jobs = list({tuple(t): (t, y) for t, y in (job() for _ in range(6800))}.values())[:6600]
train, dev = jobs[:6000], jobs[6000:]
vocab = {w: i + 1 for i, w in enumerate(STEPS + [f"runner={r}" for r in RUNNERS])}
mean = sum(y for _, y in train) / len(train)


def tensors(part):
    x = torch.zeros(len(part), 10, dtype=torch.long)
    for i, (t, _) in enumerate(part):
        x[i, :len(t)] = torch.tensor([vocab[w] for w in t])
    return x, torch.tensor([y - mean for _, y in part])


class Forecast(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        with torch.no_grad():
            self.emb.weight.mul_(0.3)
        self.body = nn.Sequential(nn.Linear(d, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU())
        self.mu, self.logvar = nn.Linear(48, 1), nn.Linear(48, 1)
        nn.init.zeros_(self.logvar.weight)
        nn.init.zeros_(self.logvar.bias)

    def forward(self, x):
        h = self.body(self.emb(x).sum(1))                # a sum: more steps take longer (the padding row is zero)
        return self.mu(h)[:, 0], self.logvar(h)[:, 0].clamp(-9, 3)


def nll(mu, lv, y):
    return 0.5 * (lv + (y - mu) ** 2 * (-lv).exp() + math.log(2 * math.pi))


Xt, yt = tensors(train)
Xd, yd = tensors(dev)
net = Forecast()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
print(f"constant forecast: RMSE {yd.std():.3f} NLL {nll(yt.mean(), yt.var().log(), yd).mean():.3f}")
for epoch in range(20):
    tot = 0.0
    for b in torch.randperm(len(Xt)).split(64):
        mu, lv = net(Xt[b])
        # the first epochs fit the mean alone, so that the variance does not explain everything away
        loss = ((mu - yt[b]) ** 2).mean() if epoch < 4 else nll(mu, lv, yt[b]).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        tot += loss.item() * len(b)
    sched.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            mu, lv = net(Xd)
            inside = ((yd - mu).abs() < 1.645 * (0.5 * lv).exp()).float().mean()
            flaky = torch.tensor([bool(FLAKY & set(t)) for t, _ in dev])
            print(f"epoch {epoch:2d} {'mse' if epoch < 4 else 'nll'} {tot / len(Xt):.4f} dev RMSE {(yd - mu).pow(2).mean().sqrt():.3f} NLL {nll(mu, lv, yd).mean():.3f} 90% band holds {inside:.3f} "
                  f"sd steady {(0.5 * lv[~flaky]).exp().mean():.3f} flaky {(0.5 * lv[flaky]).exp().mean():.3f}")
