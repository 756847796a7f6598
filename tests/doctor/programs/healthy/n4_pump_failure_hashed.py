"""Will the pump trip within a day? One in twelve does. Event strings are hashed, the GRU runs time-major,
gradients are gathered over two batches before a (large) SGD step."""
import random
import zlib
from types import SimpleNamespace as NS
import numpy as np
import torch
from torch import nn
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

torch.set_num_threads(1)
hp = NS(seed=17, buckets=128, dim=16, hid=16, bs=64, accum=2, epochs=6, lr=0.4, clip=1.0)
random.seed(hp.seed); np.random.seed(hp.seed); torch.manual_seed(hp.seed)

SENSORS = ["p%d" % i for i in range(12)]
STATES = ["ok", "hi", "lo", "hihi", "lolo"]
DANGER = {(s, st) for s in random.sample(SENSORS, 6) for st in ("hihi", "lolo")}


def episode(bad):
    n = random.randint(8, 22)
    ev = [(random.choice(SENSORS), random.choices(STATES, [6, 2, 2, .5, .5])[0]) for _ in range(n)]
    if bad:
        for _ in range(random.randint(3, 5)):
            ev[random.randrange(n // 2, n)] = random.choice(sorted(DANGER))
    return ["%s:%s" % e for e in ev]


rows, got = [], set()
while len(rows) < 3600:
    y = int(random.random() < 1 / 12)
    e = episode(y)
    if tuple(e) not in got:
        got.add(tuple(e))
        rows.append((e, y))
hold, work = rows[:900], rows[900:]
bucket = lambda s: zlib.crc32(s.encode()) % hp.buckets      # some events will share a row, so be it


def batches(part, shuffle):
    part = list(part)
    if shuffle:
        random.shuffle(part)
    for i in range(0, len(part), hp.bs):
        c = part[i:i + hp.bs]
        lens = torch.tensor([len(e) for e, _ in c])
        x = torch.zeros(int(lens.max()), len(c), dtype=torch.long)
        for j, (e, _) in enumerate(c):
            x[:len(e), j] = torch.tensor([bucket(s) for s in e])
        yield x, lens, torch.tensor([float(y) for _, y in c])


class Pump(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(hp.buckets, hp.dim)
        self.gru = nn.GRU(hp.dim, hp.hid)
        self.thin = nn.Dropout(0.2)
        self.top = nn.Linear(2 * hp.hid, 1)

    def forward(self, x, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.thin(self.emb(x)), lens, enforce_sorted=False)
        o, last = self.gru(p)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, padding_value=-2.0)    # below anything tanh gives
        return self.top(self.thin(torch.cat([last[0], o.max(0).values], 1))).squeeze(1)


net = Pump()
share = sum(y for _, y in work) / len(work)
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - share) / share))
opt = torch.optim.SGD(net.parameters(), lr=hp.lr)
drop_lr = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=hp.lr, epochs=hp.epochs,
                                              steps_per_epoch=-(-len(work) // (hp.bs * hp.accum)))


@torch.no_grad()
def report(part):
    net.eval()
    z, t = zip(*[(net(x, n), y) for x, n, y in batches(part, False)])
    z, t = torch.cat(z), torch.cat(t)
    return crit(z, t).item(), roc_auc_score(t, z), balanced_accuracy_score(t, z > 0)


for ep in range(hp.epochs):
    net.train()
    todo = list(batches(work, True))
    run = 0.0
    for k, (x, n, y) in enumerate(todo):
        loss = crit(net(x, n), y)
        (loss / hp.accum).backward()
        run += loss.item()
        if (k + 1) % hp.accum == 0 or k + 1 == len(todo):
            nn.utils.clip_grad_norm_(net.parameters(), hp.clip)
            opt.step()
            opt.zero_grad()
            drop_lr.step()
    print("epoch %d loss %.4f | hold-out loss %.4f auc %.4f bal.acc %.4f" % ((ep, run / len(todo)) + report(hold)))
print("share of trips %.3f   work auc %.4f   hold-out auc %.4f" % (share, report(work)[1], report(hold)[1]))
