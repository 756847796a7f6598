"""Transit time with an error bar: mean and variance from the dispatcher's remark, Gaussian likelihood."""
import random, math, sys, json
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, random_split

cfg = json.loads('{"seed": 3, "n": 4000, "epochs": 8, "lr": 0.005, "batch": 64, "width": 24}')
random.seed(cfg["seed"]); torch.manual_seed(cfg["seed"])

CITY = {"rotterdam": 0.4, "lyon": 1.1, "gdansk": 1.9, "porto": 2.6, "oslo": 2.2, "genoa": 1.5, "bremen": .6, "brno": 1.3}
MODE = {"truck": 0.0, "rail": 0.6, "barge": 1.7, "air": -0.4}
EVENT = {"customs": 0.8, "strike": 1.5, "snow": 0.9, "express": -0.5, "weekend": 0.4, "priority": -0.3, "reefer": .2}
NOISY = {"strike", "snow"}
PLAIN = "load goes with driver pallets dock from gate see file ask no sealed two".split()
words = ["<pad>"] + sorted([*CITY, *MODE, *EVENT, *PLAIN])
ix = {w: i for i, w in enumerate(words)}
MAXLEN = 12


def sample():
    city, mode = random.choice(list(CITY)), random.choice(list(MODE))
    ev = random.sample(list(EVENT), random.randint(0, 2))
    toks = [city, mode, *ev, *random.choices(PLAIN, k=random.randint(2, 7))]
    random.shuffle(toks)
    days = CITY[city] + MODE[mode] + sum(EVENT[e] for e in ev)
    days += random.gauss(0, 0.35 if NOISY & set(ev) else 0.08)
    return [ix[t] for t in toks] + [0] * (MAXLEN - len(toks)), days


rows = [sample() for _ in range(cfg["n"])]
X = torch.tensor([r[0] for r in rows]); Y = torch.tensor([r[1] for r in rows])
full = TensorDataset(X, Y)
tr, va = random_split(full, [3200, 800], generator=torch.Generator().manual_seed(0))


class TransitNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.table = nn.Embedding(len(words), width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=.1)
        with torch.no_grad():
            self.table.weight[0].zero_()
        self.mix = nn.Sequential(nn.Linear(width, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.raw = nn.Linear(32, 1)

    def forward(self, x):
        h = self.mix(self.table(x).sum(1))         # a sum: the pads are zero rows
        return self.mean(h).squeeze(-1), nn.functional.softplus(self.raw(h)).squeeze(-1) + 1e-3


net = TransitNet(cfg["width"])
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=cfg["lr"])
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2 * cfg["lr"], total_steps=cfg["epochs"] * (3200 // cfg["batch"]))


def score(ds):
    net.eval()
    x, y = map(torch.stack, zip(*ds))
    with torch.no_grad():
        m, v = net(x)
    r2 = 1 - ((m - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    inside = ((m - y).abs() < 1.96 * v.sqrt()).float().mean()
    return dict(nll=round(nll(m, y, v).item(), 3), mae=round((m - y).abs().mean().item(), 3), r2=round(r2.item(), 3),
                cover95=round(inside.item(), 3))


for epoch in range(cfg["epochs"]):
    net.train()
    acc = []
    for x, y in DataLoader(tr, cfg["batch"], shuffle=True):
        m, v = net(x)
        loss = nll(m, y, v)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step(); sched.step()
        acc.append(loss.item())
    print(f"[{epoch}] nll {sum(acc) / len(acc):+.3f}", file=sys.stdout)
print("train", score(tr)); print("valid", score(va))
