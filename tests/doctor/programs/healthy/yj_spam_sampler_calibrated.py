#!/usr/bin/env python
"""SMS spam filter. 7 % spam -> balanced sampler while training; afterwards the scores are put back on the real
base rate and temperature-scaled on a validation part (LBFGS). Reports average precision and ECE."""
import math, random
import numpy as np, torch, torch.nn as nn
from torch.utils.data import Dataset, DataLoader, WeightedRandomSampler
from sklearn.metrics import average_precision_score, f1_score

rng = random.Random(3)
torch.manual_seed(3)
syl = ["ka", "lo", "mi", "ren", "ta", "su", "vel", "dor", "pin", "sha", "go", "bri", "ne", "mar", "ti", "ul"]
names = ["".join(rng.sample(syl, 2)) for _ in range(150)]
everyday = ("home late dinner tomorrow bus train meeting coffee call me when you are there sorry cannot talk now love see"
            " soon mum dad kids school shop milk bread bring book film night weekend sleep tired happy birthday party"
            " ok lol yeah sure maybe later office exam lecture notes print paper gym rain cold weather phone charge").split()
bait = ("free win winner prize claim urgent cash award guaranteed txt stop reply offer bonus loan credit deal"
        " ringtone subscription exclusive voucher selected entitled congratulations").split()
shared = "call now now text your phone number today new mobile reply account free tonight win game please send".split()


def ham():
    n = rng.randint(5, 16)
    return [rng.choice(names) if rng.random() < .15 else rng.choice(shared if rng.random() < .2 else everyday) for _ in range(n)]


def spam():
    n = rng.randint(7, 18)
    return [rng.choice(bait) if rng.random() < .22 else rng.choice(shared if rng.random() < .4 else everyday) for _ in range(n)]


msgs, lab, have = [], [], set()
while len(msgs) < 6000:
    y = int(rng.random() < 0.07)
    m = spam() if y else ham()
    if y == 0 and rng.random() < .08:      # friends also say "free", "win" ...
        m[rng.randrange(len(m))] = rng.choice(bait)
    if tuple(m) in have: continue
    have.add(tuple(m)); msgs.append(m); lab.append(y)
cut1, cut2 = 4000, 5000
vocab = {"<pad>": 0, "<unk>": 1}
for m in msgs[:cut1]:
    for w in m: vocab.setdefault(w, len(vocab))


class Messages(Dataset):
    def __init__(self, a, b):
        self.x = [torch.tensor([vocab.get(w, 1) for w in m]) for m in msgs[a:b]]; self.y = lab[a:b]
    def __len__(self): return len(self.x)
    def __getitem__(self, i): return {"ids": self.x[i], "spam": float(self.y[i])}


def collate(items):
    return {"ids": nn.utils.rnn.pad_sequence([d["ids"] for d in items], batch_first=True),
            "spam": torch.tensor([d["spam"] for d in items])}


tr, va, te = Messages(0, cut1), Messages(cut1, cut2), Messages(cut2, 6000)
prior = sum(tr.y) / len(tr.y)
weights = [0.5 / prior if y else 0.5 / (1 - prior) for y in tr.y]
train_dl = DataLoader(tr, 64, sampler=WeightedRandomSampler(weights, len(tr), replacement=True), collate_fn=collate)


class Filter(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), 8, padding_idx=0)
        self.c = nn.Linear(8, 1)
    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True)
        return self.c(self.e(ids).sum(1) / n.sqrt()).squeeze(1)


def logits(m, ds):
    m.eval()
    with torch.no_grad():
        return torch.cat([m(b["ids"]) for b in DataLoader(ds, 500, collate_fn=collate)]), torch.tensor(ds.y).float()


def ece(p, y, bins=10):
    out = 0.
    for k in range(bins):
        sel = (p >= k / bins) & (p < (k + 1) / bins + (k == bins - 1))
        if sel.any(): out += sel.float().mean().item() * abs(p[sel].mean() - y[sel].mean()).item()
    return out


model = Filter()
opt = torch.optim.Adam(model.parameters(), lr=8e-3, weight_decay=2e-4)
for ep in range(7):
    model.train(); run = []
    for b in train_dl:
        loss = nn.functional.binary_cross_entropy_with_logits(model(b["ids"]), b["spam"])
        opt.zero_grad(); loss.backward(); opt.step(); run.append(loss.item())
    for g in opt.param_groups: g["lr"] = 8e-3 * 0.5 * (1 + math.cos(math.pi * (ep + 1) / 7.5))
    z, y = logits(model, va)
    print(f"epoch {ep} balanced loss {np.mean(run):.4f} val AP {average_precision_score(y, z):.4f}")

shift = math.log(prior / (1 - prior))
zv, yv = logits(model, va)
log_t = torch.zeros(1, requires_grad=True)
lb = torch.optim.LBFGS([log_t], lr=0.5, max_iter=30)
def closure():
    lb.zero_grad()
    l = nn.functional.binary_cross_entropy_with_logits(zv / log_t.exp() + shift, yv)
    l.backward(); return l
lb.step(closure)
zt, yt = logits(model, te)
before, after = torch.sigmoid(zt), torch.sigmoid(zt / log_t.exp().detach() + shift)
ztr, ytr = logits(model, tr)
print(f"T = {log_t.exp().item():.3f}   ECE {ece(before, yt):.4f} -> {ece(after, yt):.4f}")
print(f"AP train {average_precision_score(ytr, ztr):.4f} test {average_precision_score(yt, zt):.4f}  F1 test {f1_score(yt, after > .5):.4f}  base rate {yt.mean():.3f}")
