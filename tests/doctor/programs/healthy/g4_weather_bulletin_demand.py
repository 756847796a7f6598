"""Electricity demand from the text of the weather bulletin: the network gives a mean and a spread (Gaussian NLL in
units of 10 GW, so the density is above one and the loss below zero when all is well)."""
import math, random
import torch
from torch import nn

g = random.Random(8); torch.manual_seed(8)
TEMP = {"freezing": .52, "cold": .35, "cool": .16, "mild": 0., "warm": .05, "hot": .30, "scorching": .47}
SKY = {"clear": -.04, "cloudy": .05, "overcast": .09, "foggy": .07}
WIND = {"calm": 0., "breezy": .03, "gusty": .08, "stormy": .12}
DAY = {"monday": .1, "tuesday": .12, "wednesday": .12, "thursday": .11, "friday": .07, "saturday": -.12, "sunday": -.2}
SPARE = "expected across the region with some chance of later and this forecast remains from north".split()

def bulletin():
    t, s, w, d = (g.choice(list(x)) for x in (TEMP, SKY, WIND, DAY))
    y = 3. + TEMP[t] + SKY[s] + WIND[w] + DAY[d]
    y += g.gauss(0, .03 if w in ("calm", "breezy") else .09)       # windy days are harder to call
    text = [d, t, s, w] + g.sample(SPARE, 4)
    g.shuffle(text)
    return text, y

rows = [bulletin() for _ in range(3000)]
index = {w: i for i, w in enumerate(list(TEMP) + list(SKY) + list(WIND) + list(DAY) + SPARE)}
x = torch.tensor([[index[w] for w in t] for t, _ in rows])
y = torch.tensor([v for _, v in rows])
center = y[:2500].mean()

words = nn.EmbeddingBag(len(index), 16, mode="sum")
head = nn.Linear(16, 2)
nn.init.normal_(words.weight, std=.1)
params = [*words.parameters(), *head.parameters()]
opt = torch.optim.Adam(params, lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)

def forecast(x):
    mu, log_sd = head(words(x)).unbind(-1)
    return mu + center, log_sd

def nll(mu, log_sd, y):
    return (log_sd + .5 * ((y - mu) / log_sd.exp()) ** 2 + .5 * math.log(2 * math.pi)).mean()

for epoch in range(7):
    total = 0
    for b in torch.randperm(2500).split(50):
        loss = nll(*forecast(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 5.)
        opt.step()
        total += loss.item() / 50
    sched.step()
    with torch.no_grad():
        mu, ls = forecast(x[2500:])
        t = y[2500:]
        r2 = 1 - ((mu - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
        inside = ((mu - t).abs() < 1.645 * ls.exp()).float().mean()
        print(f"{epoch}: nll train {total:.3f} test {nll(mu, ls, t):.3f}  R2 {r2:.3f}  90% band covers {inside:.3f}")
