#!/usr/bin/env python3
"""Asking price (log euros) of used cars from the free text of the advert. Bag of words -> MLP."""
import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import mean_absolute_error, r2_score

rng = np.random.default_rng(40)
BRANDS = {"fiat": -.5, "opel": -.35, "skoda": -.1, "ford": -.15, "toyota": .1, "volvo": .3, "audi": .5, "bmw": .55, "tesla": .8}
STATE = {"wreck": -1.1, "rusty": -.6, "dented": -.35, "used": -.1, "clean": .1, "pristine": .35, "new": .6}
EXTRAS = {"leather": .15, "sunroof": .12, "towbar": .05, "navigation": .08, "heated": .1, "automatic": .2, "diesel": -.1,
          "smoker": -.2, "airbag": .02, "alloy": .1, "estate": .07, "cabrio": .25}
CHATTER = "for sale family car second hand nice drive city garage call evening owner test papers winter tyres service book".split()


def advert():
    b, s = rng.choice(list(BRANDS)), rng.choice(list(STATE))
    ex = list(rng.choice(list(EXTRAS), rng.integers(1, 5), replace=False))
    words = [b, s] + ex + list(rng.choice(CHATTER, 8))
    rng.shuffle(words)
    price = 8.8 + BRANDS[b] + STATE[s] + sum(EXTRAS[e] for e in ex) + rng.normal(0, .1)
    return " ".join(words), price


texts, prices = zip(*[advert() for _ in range(3600)])
vectorizer = CountVectorizer()
X = torch.tensor(vectorizer.fit_transform(texts[:3000]).toarray(), dtype=torch.float32)
V = torch.tensor(vectorizer.transform(texts[3000:]).toarray(), dtype=torch.float32)
y = torch.tensor(prices[:3000], dtype=torch.float32).unsqueeze(1)
v = torch.tensor(prices[3000:], dtype=torch.float32).unsqueeze(1)
mu, sd = y.mean(), y.std()

torch.manual_seed(40)
net = torch.nn.Sequential(
    torch.nn.Linear(X.shape[1], 64), torch.nn.BatchNorm1d(64), torch.nn.ReLU(), torch.nn.Dropout(0.3),
    torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Dropout(0.2),
    torch.nn.Linear(32, 1),
)
optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.4)
mse = torch.nn.MSELoss()


def predict(data):
    # fault:
    with torch.no_grad():
        out = torch.cat([net(part) for part in data.split(20)])
    # mended:
    # net.eval()
    # with torch.no_grad():
    #     out = torch.cat([net(part) for part in data.split(20)])
    # net.train()
    # end
    return out * sd + mu


for epoch in range(6):
    run = []
    for rows in torch.randperm(len(X)).split(50):
        optimizer.zero_grad()
        loss = mse(net(X[rows]), (y[rows] - mu) / sd)
        loss.backward()
        optimizer.step()
        run.append(loss.item())
    schedule.step()
    p, q = predict(X), predict(V)
    print("epoch %2d  loss %.4f  R2 train %.3f  valid %.3f  MAE valid %.3f" % (
        epoch, np.mean(run), r2_score(y, p), r2_score(v, q), mean_absolute_error(v, q)))
