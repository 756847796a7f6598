"""Price suggestion (Mercari-like): predict log price AND its uncertainty with the Gaussian likelihood.
Listings are simulated; the noise depends on the condition, so the variance head has something to learn."""
import math, random
import torch
import torch.nn as nn

random.seed(99); torch.manual_seed(99)
CFG = {"dim": 12, "epochs": 8, "bs": 64, "lr": 1e-2, "valid": 600, "rows": 4600}
brands = {f"brand{i}": random.gauss(0, .5) for i in range(30)}
items = {f"item{i}": random.gauss(2.5, .6) for i in range(40)}
colours = ["red", "blue", "black", "white", "green", "pink"]
cond_price = {"new": .25, "good": 0.0, "worn": -.35}
cond_noise = {"new": .04, "good": .08, "worn": .16}


def listing():
    b, i, c = random.choice(list(brands)), random.choice(list(items)), random.choice(list(cond_price))
    title = [b, i, random.choice(colours)]
    price = brands[b] + items[i] + cond_price[c]
    if random.random() < 0.3:
        title.append("bundle"); price += 0.4
    random.shuffle(title)
    return title, c, price + random.gauss(0, cond_noise[c])


rows = [listing() for _ in range(CFG["rows"])]
tokens = {t: n for n, t in enumerate(sorted({t for r in rows for t in r[0]}))}
conds = list(cond_price)
flat = lambda rs: (torch.tensor([tokens[t] for r in rs for t in r[0]]),
                   torch.tensor([0] + [len(r[0]) for r in rs[:-1]]).cumsum(0),
                   torch.tensor([conds.index(r[1]) for r in rs]),
                   torch.tensor([r[2] for r in rs]))
valid, train = rows[:CFG["valid"]], rows[CFG["valid"]:]
mu_y = sum(r[2] for r in train) / len(train)


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.text = nn.EmbeddingBag(len(tokens), CFG["dim"], mode="sum")
        nn.init.normal_(self.text.weight, std=0.1)
        self.cond = nn.Embedding(len(conds), 4)
        self.mean = nn.Linear(CFG["dim"] + 4, 1)
        self.logvar = nn.Linear(4, 1)

    def forward(self, ids, offs, c):
        k = self.cond(c)
        return mu_y + self.mean(torch.cat([self.text(ids, offs), k], 1)).squeeze(1), self.logvar(k).squeeze(1)


net = PriceNet()
opt = torch.optim.Adam(net.parameters(), lr=CFG["lr"])
steps = CFG["epochs"] * math.ceil(len(train) / CFG["bs"])
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)


def nll(m, lv, y):
    return 0.5 * (lv + (y - m) ** 2 / lv.exp()).mean()


def rmse_and_nll(rs):
    net.eval()
    with torch.no_grad():
        i, o, c, y = flat(rs)
        m, lv = net(i, o, c)
        return ((m - y) ** 2).mean().sqrt().item(), nll(m, lv, y).item(), lv, c


for epoch in range(CFG["epochs"]):
    net.train()
    random.shuffle(train)
    for s in range(0, len(train), CFG["bs"]):
        i, o, c, y = flat(train[s:s + CFG["bs"]])
        loss = nll(*net(i, o, c), y)
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
    (a, la, *_), (b, lb, *_) = rmse_and_nll(train), rmse_and_nll(valid)
    print(f"[{epoch + 1}/{CFG['epochs']}] train rmsle {a:.3f} nll {la:+.3f} | valid rmsle {b:.3f} nll {lb:+.3f}")
_, _, lv, c = rmse_and_nll(valid)
for n, name in enumerate(conds):
    print(f"sigma({name}) = {(0.5 * lv[c == n][0]).exp().item():.3f}, true {cond_noise[name]:.2f}")
ys = torch.tensor([r[2] for r in valid])
print(f"std of log price {ys.std().item():.3f}")
