# Used car listings: predict log price from the title words
# (my entry for the class competition, metric = R^2 on the hold-out set)
import math
import random

import numpy as np
import torch
from sklearn.metrics import mean_absolute_error, r2_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(21)
rnd = random.Random(21)

brands = {"fiat": 8.2, "ford": 8.7, "opel": 8.5, "volvo": 9.3, "audi": 9.6, "bmw": 9.7, "porsche": 10.8,
          "dacia": 8.1, "toyota": 9.0, "seat": 8.6, "skoda": 8.8, "mazda": 8.9, "tesla": 10.3, "kia": 8.7}
conditions = {"new": 0.5, "mint": 0.3, "good": 0.0, "used": -0.2, "damaged": -0.8, "salvage": -1.2}
kinds = {"hatchback": -0.2, "sedan": 0.0, "wagon": 0.1, "suv": 0.4, "cabrio": 0.3, "van": 0.15}
extras = {"leather": 0.12, "navi": 0.08, "sunroof": 0.1, "automatic": 0.15, "towbar": 0.03, "smoker": -0.1, "heated": 0.06}
noise_words = "nice look call owner first city garage weekend offer fast sale family original".split()


def listing():
    parts = [rnd.choice(list(brands)), rnd.choice(list(conditions)), rnd.choice(list(kinds))]
    price = brands[parts[0]] + conditions[parts[1]] + kinds[parts[2]]
    for e in rnd.sample(list(extras), rnd.randint(0, 3)):
        parts.append(e)
        price += extras[e]
    parts += rnd.sample(noise_words, rnd.randint(1, 4))
    rnd.shuffle(parts)
    return " ".join(parts), price + rnd.gauss(0, 0.15)


seen, titles, prices = set(), [], []
while len(titles) < 2500:
    t, p = listing()
    if t in seen:
        continue
    seen.add(t)
    titles.append(t)
    prices.append(p)

vocab = {w: i + 1 for i, w in enumerate(sorted({w for t in titles[:2000] for w in t.split()}))}
max_words = max(len(t.split()) for t in titles)
X = np.zeros((len(titles), max_words), dtype=np.int64)
for i, t in enumerate(titles):
    ids = [vocab[w] for w in t.split() if w in vocab]
    X[i, :len(ids)] = ids
y = np.array(prices, dtype=np.float32)
mu, sd = y[:2000].mean(), y[:2000].std()
y_scaled = (y - mu) / sd

train_set = TensorDataset(torch.from_numpy(X[:2000]), torch.from_numpy(y_scaled[:2000]))
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
X_hold = torch.from_numpy(X[2000:])
y_hold = y[2000:]


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.mlp(self.emb(x).sum(1) / math.sqrt(max_words))


net = PriceNet()
mse = nn.MSELoss()
optim = torch.optim.Adam(net.parameters(), lr=5e-3)

for epoch in range(12):
    net.train()
    losses = []
    for xb, yb in train_loader:
        pred = net(xb)
        # fault:
        loss = mse(pred, yb)
        # mended:
        #loss = mse(pred.squeeze(1), yb)
        # end
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    if (epoch + 1) % 2 == 0:
        net.eval()
        with torch.no_grad():
            p_hold = net(X_hold).squeeze(1).numpy() * sd + mu
        print("epoch {:2d}: mse {:.4f} | hold-out MAE {:.3f} R2 {:.4f}".format(
            epoch + 1, sum(losses) / len(losses), mean_absolute_error(y_hold, p_hold), r2_score(y_hold, p_hold)))
