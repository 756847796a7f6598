"""Do two commands mean the same? One GRU for both sides, |u-v| and u*v, logistic output."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(47)
torch.manual_seed(47)
groups = {"on": "start enable activate".split(), "off": "stop disable quit".split(), "up": "raise increase lift".split(), "down": "lower reduce decrease".split()}
objects = {"light": "lamp light bulb".split(), "sound": "volume sound music".split(), "heat": "heating radiator thermostat".split(), "blind": "blind curtain shade".split()}
polite = "please could you now quickly kindly in here the my".split()
verbs, nouns = list(groups), list(objects)


def say(v, o):
    t = [random.choice(groups[v])] + random.choices(polite, k=random.randint(0, 2)) + [random.choice(objects[o])]
    return tuple(random.choices(polite, k=random.randint(0, 2)) + t)


def pair():
    v, o = random.choice(verbs), random.choice(nouns)
    if random.random() < 0.5:
        return say(v, o), say(v, o), 1.0
    w, p = (random.choice([x for x in verbs if x != v]), o) if random.random() < 0.5 else (v, random.choice([x for x in nouns if x != o]))
    return say(v, o), say(w, p), 0.0


pairs = sorted({pair() for _ in range(2600)})
random.shuffle(pairs)
vocab = {w: i for i, w in enumerate(sorted({w for a, b, _ in pairs for w in a + b}))}


class Siamese(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d)
        self.rnn = nn.GRU(d, d)
        self.cls = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, 1))

    def encode(self, texts):
        p = pack_sequence([torch.tensor([vocab[w] for w in t]) for t in texts], enforce_sorted=False)
        return self.rnn(p._replace(data=self.emb(p.data)))[1][0]

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.cls(torch.cat([(u - v).abs(), u * v], 1)).squeeze(1)


model = Siamese()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
train, dev = pairs[:2000], pairs[2000:]
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, len(train), 40):
        a, b, y = zip(*train[i : i + 40])
        loss = nn.functional.binary_cross_entropy_with_logits(model(a, b), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        a, b, y = zip(*dev)
        acc = ((model(a, b) > 0) == (torch.tensor(y) > 0)).float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev acc {acc:.4f}")
