# Alarm detector for storage logs. About 4 % of the lines precede an outage; we care about ranking, so average precision.
import random
import numpy as np
import torch
from torch import nn, optim

random.seed(11); np.random.seed(11); torch.manual_seed(11)

COMP = ["nvme%d" % i for i in range(12)] + ["raid", "bbu", "fan", "psu", "hba", "net", "iscsi", "nfs", "cache", "journal"]
VERB = ["opened", "closed", "retry", "timeout", "crc", "reset", "sync", "flush", "mount", "scrub", "resync", "probe"]
NOISE = ["node%02d" % i for i in range(40)] + ["slot%d" % i for i in range(24)] + ["fw%d" % i for i in range(15)] + ["user", "cron", "kernel", "systemd"]
BAD = [("raid", "timeout"), ("bbu", "reset"), ("journal", "crc"), ("hba", "timeout"), ("cache", "crc")]


def line():
    toks = random.sample(NOISE, random.randint(4, 9))
    if random.random() < 0.042:
        c, v = random.choice(BAD)
        y = 1
    else:
        while True:
            c, v = random.choice(COMP), random.choice(VERB)
            if (c, v) not in BAD:
                break
        y = 0
    toks.insert(random.randint(0, len(toks)), c)
    toks.insert(random.randint(0, len(toks)), v)
    return tuple(toks), y


seen, rows = set(), []
while len(rows) < 15000:
    t, y = line()
    if t not in seen:
        seen.add(t); rows.append((t, y))
train, dev = rows[:11000], rows[11000:]
idx = {w: i for i, w in enumerate(COMP + VERB + NOISE)}


def pack(batch):
    flat, off = [], []
    for t, _ in batch:
        off.append(len(flat)); flat += [idx[w] for w in t]
    return torch.tensor(flat), torch.tensor(off), torch.tensor([float(y) for _, y in batch])


def average_precision(score, y):
    order = np.argsort(-score, kind="stable")
    hit = y[order]
    prec = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return float((prec * hit).sum() / hit.sum())


class Detector(nn.Module):
    def __init__(self, n, d=24, h=48):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="sum")
        self.up = nn.Linear(d, h)
        self.out = nn.Linear(h, 1)
        nn.init.normal_(self.bag.weight, std=0.3)
        nn.init.constant_(self.out.bias, -3.1)      # log odds of the base rate

    def forward(self, flat, off):
        return self.out(torch.relu(self.up(self.bag(flat, off)))).squeeze(1)


net = Detector(len(idx))
opt = optim.Adam(net.parameters(), lr=4e-3)
crit = nn.BCEWithLogitsLoss()
for ep in range(5):
    random.shuffle(train)
    net.train(); s = 0
    for i in range(0, len(train), 100):
        f, o, y = pack(train[i:i + 100])
        loss = crit(net(f, o), y)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item()
    net.eval()
    with torch.no_grad():
        f, o, y = pack(dev)
        p = torch.sigmoid(net(f, o)).numpy(); y = y.numpy()
    k = int(y.sum())
    top = np.argsort(-p)[:k]
    print("epoch %d  loss %.4f  AP %.3f (random %.3f)  R-precision %.3f  alarms at 0.5: %d of %d"
          % (ep, s / (len(train) / 100), average_precision(p, y), y.mean(), y[top].mean(), int((p > .5).sum()), k))
