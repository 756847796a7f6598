"""Find paid reviews among shop reviews (8 % are paid). Packed LSTM + pos_weight, threshold picked on validation."""
import math
import random
from types import SimpleNamespace as NS

import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, precision_recall_fscore_support
from torch.nn.utils.rnn import pack_sequence

cfg = NS(seed=77, dim=12, hidden=16, lr=8e-3, epochs=6, batch=64, share=0.08)
rnd = random.Random(cfg.seed)
torch.manual_seed(cfg.seed)

plain = ("bought it last month the colour is a bit off but works battery lasts two days my son likes strap broke "
         "returned once delivery slow box dented good value for money size small fits ok would buy again maybe").split()
hype = "amazing best ever must buy life changing incredible perfect recommend everyone five stars wow".split()


def review(paid):
    n = rnd.randint(6, 22)
    words = rnd.choices(plain, k=n)
    # honest people are enthusiastic too, but not all the time
    for _ in range(rnd.randint(4, 7) if paid else rnd.choice([0, 0, 1, 1, 2, 2])):
        words.insert(rnd.randint(0, len(words)), rnd.choice(hype))
    return tuple(words)


rows, have = [], set()
while len(rows) < 4000:
    y = int(rnd.random() < cfg.share)
    r = review(y)
    if r not in have:
        have.add(r)
        rows.append((r, y))
train, valid, test = rows[:2600], rows[2600:3200], rows[3200:]

lex = {}
for r, _ in train:
    for w in r:
        lex.setdefault(w, len(lex) + 1)     # 0 is for unseen words


def ids(r):
    return torch.tensor([lex.get(w, 0) for w in r])


class PaidReview(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(lex) + 1, cfg.dim)
        self.lstm = nn.LSTM(cfg.dim, cfg.hidden)
        self.score = nn.Linear(cfg.hidden, 1)

    def forward(self, seqs):
        packed = pack_sequence(seqs, enforce_sorted=False)
        packed = packed._replace(data=self.table(packed.data))
        _, (h, _) = self.lstm(packed)
        return self.score(h[-1])[:, 0]


def pack(rs):
    return [ids(r) for r, _ in rs], torch.tensor([float(y) for _, y in rs])


(xt, yt), (xv, yv), (xe, ye) = pack(train), pack(valid), pack(test)
neg, pos = (yt == 0).sum(), (yt == 1).sum()
# square root: the full ratio made it shout "paid" at everything
loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(math.sqrt(neg / pos)))
model = PaidReview()
optim = torch.optim.RMSprop(model.parameters(), lr=cfg.lr)

for epoch in range(cfg.epochs):
    if epoch == 4:
        for g in optim.param_groups:
            g["lr"] /= 5
    model.train()
    acc = 0.0
    for chunk in torch.randperm(len(xt)).split(cfg.batch):
        optim.zero_grad()
        loss = loss_fn(model([xt[i] for i in chunk.tolist()]), yt[chunk])
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optim.step()
        acc += loss.item() * len(chunk)
    model.eval()
    with torch.no_grad():
        zv = model(xv)
    print(f"{epoch}  train {acc / len(xt):.4f}  valid {loss_fn(zv, yv):.4f}  AP {average_precision_score(yv, zv):.3f}")


def f1_at(z, y, t):
    return precision_recall_fscore_support(y, z > t, average="binary", zero_division=0)[:3]


best = max((t / 4 for t in range(-12, 13)), key=lambda t: f1_at(zv, yv, t)[2])
with torch.no_grad():
    ze = model(xe)
p, r, f = f1_at(ze, ye, best)
print(f"test: threshold {best:+.2f} precision {p:.3f} recall {r:.3f} F1 {f:.3f} "
      f"AP {average_precision_score(ye, ze):.3f} (share {ye.mean():.3f})")
