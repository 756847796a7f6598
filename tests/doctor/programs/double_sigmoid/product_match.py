"""Entity matching: do two shop listings describe the same product?  Late interaction (max-sim) over word vectors."""
import random
import torch
import torch.nn as nn

R = random.Random(40)
torch.manual_seed(40)

BRANDS = "acme bolt zenith norda kiwi lumo tarka vexel orion pico".split()
KINDS = "kettle toaster headphones drill lamp router keyboard backpack blender speaker".split()
COLORS = "black white red blue silver green".split()
ADJ = "new original wireless compact premium classic portable".split()
SYN = {"headphones": "headset", "lamp": "light", "router": "wlan-router", "backpack": "rucksack", "speaker": "loudspeaker",
       "kettle": "water-boiler", "black": "blk", "white": "wht", "silver": "slv"}


def product():
    return dict(brand=R.choice(BRANDS), kind=R.choice(KINDS), color=R.choice(COLORS), model=f"{R.choice('abcx')}{R.randint(1, 12)}")


def listing(p):
    w = [p["brand"], p["kind"], p["color"], p["model"]]
    w = [SYN.get(t, t) if R.random() < 0.5 else t for t in w]
    w += R.sample(ADJ, R.randint(0, 2))
    R.shuffle(w)
    return w


def pair():
    a = product()
    if R.random() < 0.5:
        return listing(a), listing(a), 1.0
    b = dict(a)
    other = product()
    for key in R.sample(list(a), R.randint(1, 3)):
        b[key] = other[key]
    return listing(a), listing(b), float(a == b)


pairs = [pair() for _ in range(4200)]
vocab = {"<pad>": 0}
for a, b, _ in pairs[:3600]:
    for w in a + b:
        vocab.setdefault(w, len(vocab))


def ids(batch, side):
    rows = [[vocab[w] for w in row[side] if w in vocab] for row in batch]
    n = max(map(len, rows))
    return torch.tensor([r + [0] * (n - len(r)) for r in rows])


class MaxSim(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.table = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.weight = nn.Embedding(len(vocab), 1, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.3)
        nn.init.zeros_(self.weight.weight)
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.bias = nn.Parameter(torch.tensor(1.0))

    def side(self, x, y):
        u, v = (nn.functional.normalize(self.table(t), dim=-1, eps=1e-6) for t in (x, y))
        sim = (u @ v.transpose(1, 2)).masked_fill((y == 0).unsqueeze(1), -1.0)
        gap = (1 - sim.amax(2)) * nn.functional.softplus(self.weight(x)).squeeze(2)
        return (gap * (x != 0)).sum(1)

    def forward(self, x, y):
        score = self.bias - self.scale * (self.side(x, y) + self.side(y, x)) / 2
        # fault:
        return torch.sigmoid(score)
        # mended:
        # return score
        # end


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.loss = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, rows, dev, epochs, size=60):
        for epoch in range(epochs):
            R.shuffle(rows)
            self.model.train()
            seen = 0.0
            for k in range(0, len(rows), size):
                b = rows[k:k + size]
                loss = self.loss(self.model(ids(b, 0), ids(b, 1)), torch.tensor([r[2] for r in b]))
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                seen += loss.item() * len(b)
            print(f"epoch {epoch}: loss {seen / len(rows):.4f}", self.evaluate(dev))

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        prob = torch.sigmoid(self.model(ids(rows, 0), ids(rows, 1)))
        gold = torch.tensor([r[2] for r in rows]) > 0.5
        said = prob > 0.5
        tp = (said & gold).sum().item()
        p, r = tp / max(1, said.sum().item()), tp / max(1, gold.sum().item())
        return f"precision {p:.3f} recall {r:.3f} accuracy {(said == gold).float().mean():.3f}"


Trainer(MaxSim(), 1e-2).fit(pairs[:3600], pairs[3600:], 10)
