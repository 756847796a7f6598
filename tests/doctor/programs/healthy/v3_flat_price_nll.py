"""Flat adverts -> log price with an uncertainty: gaussian NLL (goes below zero), mean and log variance heads."""
import random
import numpy as np
import torch
from torch import nn

random.seed(21); np.random.seed(21); torch.manual_seed(21)
WORTH = {"studio": -.6, "loft": .4, "maisonette": .5, "room": -1.0, "penthouse": 1.1, "balcony": .15, "garden": .25, "lift": .1, "garage": .2,
         "renovated": .25, "damp": -.4, "noisy": -.3, "central": .35, "suburb": -.2, "sunny": .1, "basement": -.35, "fireplace": .12,
         "new": .2, "old": -.15, "parquet": .1, "river": .3, "motorway": -.3}
FILL = "with and a the near very nice large small bright quiet offered from owner see photos call now free soon".split()
KINDS = ["studio", "loft", "maisonette", "room", "penthouse"]
words = ["<pad>"] + sorted(WORTH) + FILL
index = {w: i for i, w in enumerate(words)}


def advert():
    kind = random.choice(KINDS)
    extra = random.sample([w for w in WORTH if w not in KINDS], random.randint(1, 6))
    text = [kind] + extra + random.choices(FILL, k=random.randint(3, 8))
    random.shuffle(text)
    noise = 0.25 if "old" in text or kind == "penthouse" else 0.08        # some prices are harder to tell
    return text, 12 + WORTH[kind] + sum(WORTH[w] for w in extra) + random.gauss(0, noise)


ads = [advert() for _ in range(3000)]
L = max(len(t) for t, _ in ads)
X = torch.tensor([[index[w] for w in t] + [0] * (L - len(t)) for t, _ in ads])
price = torch.tensor([p for _, p in ads])
Xtr, Xte, ptr, pte = X[:2500], X[2500:], price[:2500], price[2500:]
mu, sd = ptr.mean(), ptr.std()


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(words), 8, padding_idx=0)
        self.mean = nn.Linear(8, 1)
        self.logvar = nn.Linear(8, 1)

    def forward(self, x):
        s = self.table(x).sum(1)          # a sum on purpose: worths add up, the padding row is zero
        return self.mean(s).squeeze(1), self.logvar(s).squeeze(1).clamp(-7, 4)


def nll(m, lv, y):
    return 0.5 * (lv + (y - m) ** 2 / lv.exp()).mean()


net = PriceNet()
nn.init.normal_(net.table.weight, std=0.1)
with torch.no_grad():
    net.table.weight[0].zero_()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 0.02, total_steps=12 * 40)
for epoch in range(12):
    net.train()
    run = 0.0
    for ix in torch.randperm(2500).split(63):
        m, lv = net(Xtr[ix])
        loss = nll(m, lv, (ptr[ix] - mu) / sd)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step(); sch.step()
        run += loss.item() * len(ix)
    if epoch % 2 == 1:
        net.eval()
        with torch.no_grad():
            res = []
            for x, p in ((Xtr, ptr), (Xte, pte)):
                m, lv = net(x)
                y = (p - mu) / sd
                res += [nll(m, lv, y).item(), 1 - ((m - y) ** 2).mean().item() / y.var().item()]
            inside = ((m - y).abs() < 1.64 * (0.5 * lv).exp()).float().mean().item()
        print("epoch %2d nll %.3f | train nll %.3f R2 %.3f | test nll %.3f R2 %.3f | 90%% interval covers %.3f" % (epoch + 1, run / 2500, *res, inside))
