"""How many follow-up tickets will a release note cause? Counts, so Poisson likelihood (without the factorial term)."""
import random, math, torch
import numpy as np
random.seed(14); np.random.seed(14); torch.manual_seed(14)
effect = {"login": 1.0, "billing": 1.2, "migration": 1.5, "layout": .6, "typo": -1.0, "docs": -.8, "icon": -.5, "speed": .2,
          "security": .8, "rollback": 1.1, "beta": -.3, "mobile": .5, "printer": .4, "export": .3, "translation": -.4}
filler = "fix new update for change in the of small page module version".split()
names = list(effect) + filler
def note():
    w = random.sample(list(effect), random.randint(1, 4)) + random.sample(filler, random.randint(2, 6))
    rate = math.exp(1.0 + sum(effect.get(x, 0) for x in w))
    return [names.index(x) for x in w], np.random.poisson(min(rate, 60))
notes = [note() for _ in range(3000)]
X = torch.zeros(3000, len(names))
for i, (w, _) in enumerate(notes): X[i, w] = 1
y = torch.tensor([float(c) for _, c in notes])
net = torch.nn.Sequential(torch.nn.Linear(len(names), 16), torch.nn.Softplus(), torch.nn.Linear(16, 1))
net[2].bias.data.fill_(float(y[:2400].mean().log()))
lossf = torch.nn.PoissonNLLLoss(log_input=True, full=False)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, .4)
for ep in range(9):
    s = 0
    for b in torch.randperm(2400).split(40):
        loss = lossf(net(X[b]).squeeze(1), y[b])
        opt.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(net.parameters(), 5); opt.step(); s += loss.item() * len(b)
    sched.step()
    with torch.no_grad():
        o = net(X[2400:]).squeeze(1); t = y[2400:]
        r2 = 1 - ((o.exp() - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
        null = lossf(y[:2400].mean().log().expand(600), t)
    print(f"epoch {ep} loss {s / 2400:.3f} held-out {lossf(o, t):.3f} (constant {null:.3f}) R2 {r2:.3f}")
