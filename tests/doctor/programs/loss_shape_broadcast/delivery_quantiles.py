"""How long will a kitchen need for an order?  Median (pinball loss) from the lines of the order."""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(5)
torch.manual_seed(5)

DISHES = {"margherita": 6, "calzone": 9, "lasagne": 14, "risotto": 18, "tiramisu": 2, "bruschetta": 4, "gnocchi": 11,
          "carbonara": 10, "minestrone": 7, "saltimbocca": 16, "ossobuco": 24, "panna_cotta": 2, "focaccia": 5,
          "arancini": 8, "caprese": 3, "ravioli": 12, "vitello": 15, "branzino": 20}
EXTRAS = {"extra_cheese": 1, "gluten_free": 5, "well_done": 4, "no_onion": 0, "spicy": 0, "cut_in_two": 1}
ZONES = {"centro": 5, "porto": 12, "collina": 19, "stazione": 8}
vocab = {w: i + 1 for i, w in enumerate(list(DISHES) + list(EXTRAS) + list(ZONES))}


def make_order():
    words, minutes = [], 0.0
    for _ in range(random.randint(2, 7)):
        d = random.choice(list(DISHES))
        words.append(d)
        minutes += DISHES[d]
        if random.random() < 0.4:
            e = random.choice(list(EXTRAS))
            words.append(e)
            minutes += EXTRAS[e]
    z = random.choice(list(ZONES))
    words.append(z)
    minutes += ZONES[z] + random.gauss(0, 3)
    return torch.tensor([vocab[w] for w in words]), minutes / 10


def collate(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Minutes(nn.Module):
    def __init__(self, n, dim=24):
        super().__init__()
        self.emb = nn.Embedding(n, dim, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(self.emb(x).sum(1))


def pinball(pred, target, q=0.5):
    d = target - pred
    return torch.maximum(q * d, (q - 1) * d).mean()


orders = [make_order() for _ in range(5000)]
train_dl = DataLoader(orders[:4200], batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(orders[4200:], batch_size=200, collate_fn=collate)
model = Minutes(len(vocab) + 1)
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=12)
for epoch in range(12):
    model.train()
    run = 0.0
    for x, y in train_dl:
        out = model(x)
        # fault:
        loss = pinball(out, y)
        # mended:
        # loss = pinball(out.squeeze(1), y)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        run += loss.item()
    sched.step()
    model.eval()
    err, base = [], []
    with torch.no_grad():
        for x, y in dev_dl:
            p = model(x).flatten()
            err += (p - y).abs().tolist()
            base += y.tolist()
    med = sorted(base)[len(base) // 2]
    mae = 10 * sum(err) / len(err)
    mae0 = 10 * sum(abs(b - med) for b in base) / len(base)
    print(f"epoch {epoch + 1:2d}  pinball {run / len(train_dl):.4f}  dev MAE {mae:.2f} min (always the median: {mae0:.2f})")
