"""Tell the genre of a text from its unigram log-probabilities under a few reference lexicons."""
import math
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
GENRES = 4
WORDS = [f"w{i}" for i in range(160)]
profiles = [[random.gammavariate(0.7, 1.0) + 0.02 for _ in WORDS] for _ in range(12)]
mixtures = [[random.gammavariate(0.5, 1.0) for _ in profiles] for _ in range(GENRES)]


def draw(genre):
    weights = [sum(m * p[i] for m, p in zip(mixtures[genre], profiles)) for i in range(len(WORDS))]
    return random.choices(range(len(WORDS)), weights, k=60)


logp = torch.tensor([[math.log(v / sum(p)) for v in p] for p in profiles])  # (12, V)


def features(text):
    return logp[:, text].mean(1)


def dataset(n):
    y = [i % GENRES for i in range(n)]
    random.shuffle(y)
    return torch.stack([features(draw(g)) for g in y]), torch.tensor(y)


x_train, y_train = dataset(800)
x_test, y_test = dataset(300)


def make_model():
    net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, GENRES))
    # fault:
    nn.init.uniform_(net[0].weight)
    # mended:
    # nn.init.kaiming_uniform_(net[0].weight, nonlinearity="relu")
    # end
    nn.init.zeros_(net[0].bias)
    return net


model = make_model()
mu, sd = x_train.mean(0), x_train.std(0)
# fault:
prepare = lambda x: x
# mended:
# prepare = lambda x: (x - mu) / sd
# end
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.5)
for epoch in range(20):
    order = torch.randperm(len(y_train))
    total = 0.0
    for k in range(0, len(order), 40):
        b = order[k:k + 40]
        loss = nn.functional.cross_entropy(model(prepare(x_train[b])), y_train[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            acc = (model(prepare(x_test)).argmax(1) == y_test).float().mean().item()
        print(f"epoch {epoch + 1:2d} loss {total / 20:.4f} test accuracy {acc:.3f}")
