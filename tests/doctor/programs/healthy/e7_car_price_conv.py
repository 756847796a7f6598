# used-car listings: predict log price from the title line (take-home task for a junior DS position)
import random
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import mean_absolute_error, r2_score
from torch.utils.data import DataLoader, Dataset

random.seed(8); np.random.seed(8); torch.manual_seed(8)

MAKE = {"fiat": 8.6, "skoda": 9.0, "ford": 9.0, "opel": 8.8, "volvo": 9.5, "bmw": 9.8, "audi": 9.8, "porsche": 10.8,
        "dacia": 8.4, "mazda": 9.0, "lexus": 10.0, "kia": 8.9}
BODY = {"hatch": -0.15, "estate": 0.05, "suv": 0.3, "coupe": 0.2, "van": 0.0}
EXTRA = {"leather": 0.08, "sunroof": 0.06, "navi": 0.05, "towbar": 0.02, "damaged": -0.6, "rust": -0.3,
         "one": 0.0, "owner": 0.05, "hybrid": 0.15, "automatic": 0.12, "nonsmoker": 0.0, "tuv": 0.05, "new": 0.0}


def listing():
    make, body = random.choice(list(MAKE)), random.choice(list(BODY))
    year = random.randint(2005, 2021)
    extra = random.sample(list(EXTRA), random.randint(0, 4))
    price = MAKE[make] + BODY[body] + 0.09 * (year - 2013) + sum(EXTRA[e] for e in extra) + random.gauss(0, 0.08)
    # "not damaged" is something people write
    if "damaged" in extra and random.random() < 0.5:
        extra[extra.index("damaged")] = "not damaged"
        price += 0.6
    words = [make, str(year), body] + extra
    return " ".join(words), price


data = {}
while len(data) < 2600:
    t, p = listing()
    data.setdefault(t, p)
titles, prices = list(data), np.array(list(data.values()), dtype=np.float32)
split = 2200
mu, sd = prices[:split].mean(), prices[:split].std()

voc = {w: i + 2 for i, w in enumerate(sorted({w for t in titles[:split] for w in t.split()}))}


class Listings(Dataset):
    def __init__(self, t, p):
        self.ids = [[voc.get(w, 1) for w in x.split()] for x in t]
        self.p = (p - mu) / sd

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        row = torch.zeros(12, dtype=torch.long)
        row[:len(self.ids[i])] = torch.tensor(self.ids[i])
        return row, torch.tensor(self.p[i])


class PriceCNN(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 2, padding=1)
        self.fc = nn.Linear(48, 1)

    def forward(self, x):
        h = torch.tanh(self.conv(self.emb(x).transpose(1, 2)))      # B, 48, T+1
        keep = (nn.functional.pad(x, (1, 0)) > 0) | (nn.functional.pad(x, (0, 1)) > 0)
        h = h.masked_fill(~keep.unsqueeze(1), 0.0)
        return self.fc(h.sum(-1)).squeeze(-1)


train_dl = DataLoader(Listings(titles[:split], prices[:split]), batch_size=16, shuffle=True)
test_dl = DataLoader(Listings(titles[split:], prices[split:]), batch_size=200)
model = PriceCNN(len(voc) + 2)
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
crit = nn.SmoothL1Loss()
ACCUM = 2       # 2 x 16, my laptop has no memory
EPOCHS = 7
plan = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 1.0 if e < 4 else 0.2)

for epoch in range(EPOCHS):
    model.train()
    opt.zero_grad()
    total = 0.0
    for k, (x, y) in enumerate(train_dl):
        loss = crit(model(x), y)
        (loss / ACCUM).backward()
        total += loss.item()
        if (k + 1) % ACCUM == 0 or k + 1 == len(train_dl):
            opt.step()
            opt.zero_grad()
    plan.step()
    model.eval()
    with torch.no_grad():
        pred = torch.cat([model(x) for x, _ in test_dl]).numpy() * sd + mu
    print("epoch %d  train loss %.4f  test MAE(log) %.4f  R2 %.3f" % (
        epoch + 1, total / len(train_dl), mean_absolute_error(prices[split:], pred), r2_score(prices[split:], pred)))

base = mean_absolute_error(prices[split:], np.full(len(prices) - split, np.median(prices[:split])))
print("median baseline MAE %.4f" % base)
