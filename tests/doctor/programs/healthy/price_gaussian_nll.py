"""Log price of a second-hand offer with a predicted uncertainty (Gaussian NLL, which falls below zero)."""
import random
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

random.seed(31); torch.manual_seed(31)
KIND = {"bike": 0.4, "sofa": 0.2, "phone": 0.6, "lamp": -0.6, "laptop": 1.0, "chair": -0.4}
STATE = {"new": 0.4, "used": 0.0, "worn": -0.3, "broken": -0.8}
EXTRA = {"leather": 0.2, "vintage": 0.3, "cheap": -0.2, "designer": 0.4, "small": -0.1, "large": 0.1}


def offer():
    k, s = random.choice(list(KIND)), random.choice(list(STATE))
    e = random.sample(list(EXTRA), random.randint(0, 3))
    noise = 0.15 if s == "broken" else 0.04
    return [k, s] + e, KIND[k] + STATE[s] + sum(EXTRA[x] for x in e) + random.gauss(0, noise)


rows = [offer() for _ in range(2500)]
voc = {w: i for i, w in enumerate([*KIND, *STATE, *EXTRA])}
X = torch.zeros(len(rows), len(voc))
for i, (w, _) in enumerate(rows):
    X[i, [voc[t] for t in w]] = 1
y = torch.tensor([p for _, p in rows])
mean, logvar = nn.Linear(len(voc), 1), nn.Linear(len(voc), 1)
opt = torch.optim.Adam([*mean.parameters(), *logvar.parameters()], lr=1e-2)
EPOCHS = 10
sched = OneCycleLR(opt, max_lr=0.08, total_steps=EPOCHS * 50)


def nll(s):
    m, lv = mean(X[s]).squeeze(1), logvar(X[s]).squeeze(1)
    return 0.5 * (lv + (y[s] - m) ** 2 / lv.exp()).mean(), m


hold = torch.arange(2000, 2500)
for ep in range(EPOCHS):
    tot = 0
    for b in torch.randperm(2000).split(40):
        loss, _ = nll(b)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += loss.item() / 50
    with torch.no_grad():
        l, m = nll(hold)
        r2 = 1 - (m - y[hold]).pow(2).sum() / (y[hold] - y[hold].mean()).pow(2).sum()
    print(f"{ep} nll {tot:.4f} held-out nll {l:.4f} R2 {r2:.4f}")
