"""mini-framework: events, callbacks, an exponential average of the weights, and a slot tagger on top."""
import copy
import random
from collections import defaultdict

import torch
from torch import nn

TAGS = ["O", "FROM", "TO", "DAY", "SEATS"]
CITIES = "paris lyon nice lille brest dijon tours nantes metz rouen".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
NUMBERS = "one two three four five six".split()


def sentence(rng):
    a, b = rng.sample(CITIES, 2)
    parts = [[("from", "O"), (a, "FROM")], [("to", "O"), (b, "TO")]]
    if rng.random() < .6:
        parts.append([("on", "O"), (rng.choice(DAYS), "DAY")])
    if rng.random() < .6:
        n = rng.choice(NUMBERS)
        parts.append([("for", "O"), (n, "SEATS"), ("people" if n != "one" else "person", "O")])
    rng.shuffle(parts)
    head = rng.choice(["i need a train", "book me a ticket", "trains", "please find something", "we want to go"])
    toks = [(w, "O") for w in head.split()] + [x for p in parts for x in p]
    if rng.random() < .3:
        toks += [("please", "O")] + [(rng.choice(CITIES), "O"), ("is", "O"), ("lovely", "O")]
    return [w for w, _ in toks], [TAGS.index(t) for _, t in toks]


class Pad:
    def __init__(self, vocab):
        self.vocab = vocab

    def __call__(self, rows):
        T = max(len(w) for w, _ in rows)
        x = torch.zeros(T, len(rows), dtype=torch.long)          # time first
        y = torch.full((T, len(rows)), -100)
        for b, (ws, ts) in enumerate(rows):
            x[:len(ws), b] = torch.tensor([self.vocab.get(w, 1) for w in ws])
            y[:len(ts), b] = torch.tensor(ts)
        return x, y


class WindowTagger(nn.Module):
    """each token sees itself, two to the left and two to the right; padding is all zeros"""

    def __init__(self, n, d=16, h=32):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.mix = nn.Linear(5 * d, h)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(h, len(TAGS))

    def forward(self, x):
        e = self.emb(x)
        z = e.new_zeros(2, *e.shape[1:])
        p = torch.cat([z, e, z])
        w = torch.cat([p[i:i + len(x)] for i in range(5)], dim=-1)
        return self.out(self.drop(torch.relu(self.mix(w))))


class Engine:
    def __init__(self, model, opt, loss):
        self.model, self.opt, self.loss, self.handlers = model, opt, loss, defaultdict(list)
        self.state = {}

    def on(self, event):
        return lambda fn: self.handlers[event].append(fn) or fn

    def fire(self, event):
        for fn in self.handlers[event]:
            fn(self)

    def run(self, loader, epochs):
        for ep in range(epochs):
            self.state.update(epoch=ep, losses=[])
            self.model.train()
            for x, y in loader():
                self.opt.zero_grad()
                l = self.loss(self.model(x).flatten(0, 1), y.flatten())
                l.backward()
                self.opt.step()
                self.state["losses"].append(l.item())
                self.fire("step")
            self.fire("epoch")


rng = random.Random(40)
torch.manual_seed(40)
data = [sentence(rng) for _ in range(1800)]
dev = data[1400:]
held = {tuple(w) for w, _ in dev}
train = [r for r in data[:1400] if tuple(r[0]) not in held]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}
pad = Pad(vocab)
net = WindowTagger(len(vocab) + 2)
shadow = copy.deepcopy(net).requires_grad_(False).eval()
engine = Engine(net, torch.optim.Adam(net.parameters(), lr=5e-3), nn.CrossEntropyLoss(label_smoothing=0.05))


def loader():
    rng.shuffle(train)
    for i in range(0, len(train), 20):
        yield pad(train[i:i + 20])


@engine.on("step")
def follow(e, decay=0.95):
    with torch.no_grad():
        for s, p in zip(shadow.parameters(), e.model.parameters()):
            s.lerp_(p, 1 - decay)


@engine.on("epoch")
def slots(e):
    res = []
    for rows in (train[:400], dev):
        x, y = pad(rows)
        with torch.no_grad():
            p = shadow(x).argmax(-1)
        tp = ((p == y) & (y > 0)).sum().item()
        res.append(2 * tp / max(1, ((p > 0) & (y >= 0)).sum().item() + (y > 0).sum().item()))
    l = e.state["losses"]
    print(f"epoch {e.state['epoch']} loss {sum(l) / len(l):.3f} slot F1 train {res[0]:.3f} dev {res[1]:.3f}")


engine.run(loader, 4)
