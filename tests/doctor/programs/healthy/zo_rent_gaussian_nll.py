# Flat ads -> log rent, with a predicted uncertainty (heteroscedastic Gaussian likelihood)
import math
import random
import torch
from torch import nn

random.seed(55)
torch.manual_seed(55)
PRICE = {'studio': -.35, 'loft': .30, 'two-room': .0, 'three-room': .25, 'house': .5, 'central': .2, 'suburb': -.15,
         'balcony': .06, 'garden': .1, 'renovated': .12, 'old': -.1, 'noisy': -.08, 'lift': .04, 'parking': .07}
VAGUE = {'negotiable', 'unique', 'urgent'}          # ads with these words are hard to price
TALK = 'nice bright near station for rent from june with kitchen bath and view quiet street contact owner'.split()
WORDS = sorted(PRICE) + sorted(VAGUE) + TALK
NR = {w: i for i, w in enumerate(WORDS)}


def ad():
    ws = random.sample(sorted(PRICE), random.randint(2, 5)) + random.choices(TALK, k=random.randint(3, 9))
    sigma = 0.03
    if random.random() < 0.3:
        ws.append(random.choice(sorted(VAGUE)))
        sigma = 0.15
    random.shuffle(ws)
    y = sum(PRICE.get(w, 0) for w in ws) + random.gauss(0, sigma)
    return ws, y


def pack(ads):
    x = torch.zeros(len(ads), len(WORDS))
    for r, (ws, _) in enumerate(ads):
        for w in ws:
            x[r, NR[w]] += 1
    return x, torch.tensor([y for _, y in ads])


xtr, ytr = pack([ad() for _ in range(2400)])
xte, yte = pack([ad() for _ in range(600)])
net = nn.Sequential(nn.Linear(len(WORDS), 24), nn.SiLU(), nn.Linear(24, 2))
crit = nn.GaussianNLLLoss(full=False, eps=1e-5)
opt = torch.optim.Adam(net.parameters(), lr=0.008)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5, 7], gamma=0.25)


def nll(x, y):
    mean, raw = net(x).unbind(1)
    return crit(mean, y, nn.functional.softplus(raw) ** 2 + 1e-4), mean


for epoch in range(9):
    net.train()
    s = 0.0
    for i in torch.randperm(len(xtr)).split(40):
        loss, _ = nll(xtr[i], ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(i)
    sched.step()
    net.eval()
    with torch.no_grad():
        tl, _ = nll(xtr, ytr)
        vl, m = nll(xte, yte)
        r2 = 1 - ((m - yte) ** 2).mean() / yte.var()
    print(f'{epoch}  running {s / len(xtr):+.3f}  train {tl.item():+.3f}  test {vl.item():+.3f}  R2 {r2.item():.3f}')
with torch.no_grad():
    sd = nn.functional.softplus(net(xte)[:, 1])
    vague = xte[:, [NR[w] for w in VAGUE]].sum(1) > 0
print(f'mean sd: vague ads {sd[vague].mean().item():.3f}, plain ads {sd[~vague].mean().item():.3f}')
