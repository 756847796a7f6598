"""Pretrain on topics, then swap the head for a sentiment task."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(223)
torch.manual_seed(223)
TOPIC = ["film actor scene plot".split(), "meal waiter soup menu".split(), "hotel room lobby bed".split()]
TONE = ["awful dirty boring rude".split(), "superb clean lovely kind".split(), "average normal plain usual".split(), "weird odd strange funny".split()]
GLUE = "the was and we it had a very our".split()
vocab = {w: i for i, w in enumerate(GLUE + sum(TOPIC, []) + sum(TONE, []))}


def review():
    t, s = random.randrange(3), random.randrange(4)
    words = random.choices(GLUE, k=4) + [random.choice(TOPIC[t]), random.choice(TONE[s])]
    random.shuffle(words)
    return [vocab[w] for w in words], t, s


rows = [review() for _ in range(1700)]
X = torch.tensor([r[0] for r in rows])
TOPICS, TONES = torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24)
        self.body = nn.Linear(24, 12)
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        return self.head(torch.tanh(self.body(self.emb(x).mean(1))))


def fit(model, optimizer, y, epochs, name):
    for epoch in range(epochs):
        for i in torch.randperm(1300).split(26):
            loss = F.cross_entropy(model(X[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            acc = (model(X[1300:]).argmax(1) == y[1300:]).float().mean().item()
        print(f"{name} epoch {epoch} loss {loss.item():.4f} accuracy {acc:.4f}")


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
fit(model, optimizer, TOPICS, 3, "topic")
model.emb.weight.requires_grad_(False)
model.body = nn.Linear(24, 12)
model.head = nn.Linear(12, 4)
# fault:
# mended:
# optimizer = torch.optim.Adam([*model.body.parameters(), *model.head.parameters()], lr=1e-2)
# end
fit(model, optimizer, TONES, 10, "tone")
