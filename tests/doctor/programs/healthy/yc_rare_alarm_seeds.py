"""Maintenance notes: 6 % describe a real hazard. Training rows (and only those) are oversampled to even shares;
test rows keep their natural shares. Three seeds, then their mean probability."""
import random
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, WeightedRandomSampler
from sklearn.metrics import average_precision_score, f1_score

random.seed(31)
HAZ = "smoke sparks leak overheating burning shock crack fumes".split()
NEG = "no without never".split()
STUFF = [f"part{i}" for i in range(40)] + "pump valve belt motor panel checked cleaned replaced oil filter shift normal ok".split()


def note(hazard):
    w = random.choices(STUFF, k=random.randint(6, 12))
    if hazard:
        k = random.randrange(len(w)); w[k:k] = [random.choice(HAZ)]
        if random.random() < .5: w.append(random.choice(HAZ))
    elif random.random() < .25:
        k = random.randrange(len(w)); w[k:k] = [random.choice(NEG) + "_" + random.choice(HAZ)]
    if random.random() < .15:
        w.append("serial%05d" % random.randrange(99999))            # always new
    return w


notes = [(note(y), y) for y in (int(random.random() < .06) for _ in range(5200))]
notes = list({" ".join(t): (t, y) for t, y in notes}.values())
train, test = notes[:3600], notes[3600:]
freq = Counter(w for t, _ in train for w in set(t))
V = {w: i + 2 for i, w in enumerate(sorted(w for w, c in freq.items() if c > 2))}      # 0 pad, 1 unknown


def collate(rows, p_unk=0.):
    n = max(len(t) for t, _ in rows)
    x = np.zeros((len(rows), n), dtype=np.int64)
    for r, (t, _) in enumerate(rows):
        x[r, :len(t)] = [1 if random.random() < p_unk else V.get(w, 1) for w in t]
    return dict(ids=torch.from_numpy(x), y=torch.tensor([float(y) for _, y in rows]))


def build():
    return nn.ModuleDict(dict(e=nn.Embedding(len(V) + 2, 10, padding_idx=0), score=nn.Linear(10, 1)))


def predict(net, ids):
    s = net["score"](net["e"](ids)).squeeze(-1)
    return s.masked_fill(ids == 0, -30.).logsumexp(1)            # a soft maximum: the most alarming word decides


def probs(net, rows):
    with torch.no_grad():
        return torch.sigmoid(predict(net, collate(rows)["ids"])).numpy()


share = Counter(y for _, y in train)
weights = [1. / share[y] for _, y in train]
yt, yr = [y for _, y in test], [y for _, y in train]
print("hazards: train", share[1], "of", len(train), " test", sum(yt), "of", len(yt))
total = []
for seed in (1, 2, 3):
    torch.manual_seed(seed); random.seed(seed)
    net = build()
    loader = DataLoader(train, batch_size=100, sampler=WeightedRandomSampler(weights, 3600),
                        collate_fn=lambda r: collate(r, .03))
    opt = torch.optim.Adam(net.parameters(), lr=.03)
    sch = torch.optim.lr_scheduler.ExponentialLR(opt, .6)
    for ep in range(6):
        run = 0.
        for b in loader:
            loss = nn.functional.binary_cross_entropy_with_logits(predict(net, b["ids"]), b["y"])
            opt.zero_grad(); loss.backward(); opt.step()
            run += loss.item() / len(loader)
        sch.step()
        if ep > 1: print(f"  seed {seed} epoch {ep} loss {run:.3f} AP train {average_precision_score(yr, probs(net, train)):.3f} test {average_precision_score(yt, probs(net, test)):.3f}")
    total.append(probs(net, test))
mean = np.mean(total, 0)
print("mean of 3 seeds: AP %.3f  F1 at 0.5 %.3f" % (average_precision_score(yt, mean), f1_score(yt, mean > .5)))
