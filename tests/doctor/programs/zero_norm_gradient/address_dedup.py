"""Do two records mean the same postal address? Siamese character model, contrastive loss."""
import random
import numpy as np
import torch
from torch import nn

random.seed(5)
np.random.seed(5)
torch.manual_seed(5)

STREETS = "Linden Ahorn Garten Schiller Goethe Bahnhof Kirch Mühl Berg Wald Rosen Tulpen Eichen Birken Markt Schul Hafen Brunnen Kloster Sonnen".split()
KINDS = [("straße", "str."), ("weg", "wg."), ("platz", "pl."), ("allee", "al."), ("gasse", "g.")]
CITIES = ["Köln", "Ulm", "Kiel", "Mainz", "Trier", "Jena", "Halle", "Worms", "Passau", "Goslar", "Celle", "Fulda"]


def address():
    return random.choice(STREETS), random.choice(KINDS), random.randint(1, 99), random.choice(CITIES)


def typo(s):
    if random.random() < 0.25 and len(s) > 5:
        i = random.randrange(1, len(s) - 1)
        s = s[:i] + s[i + 1:]
    return s


def write(a):
    st, kind, no, city = a
    name = typo(st) + random.choice(kind)
    return f"{name} {no} {city}" if random.random() < 0.5 else f"{city}, {name} {no}"


def pair():
    a = address()
    if random.random() < 0.5:
        return write(a), write(a), 1
    b = list(a)
    for f in random.sample([0, 2, 3], random.choice([1, 2])):
        b[f] = address()[f]
    return write(a), write(tuple(b)), int(tuple(b) == a)


def grams(s):
    s = "#" + s.lower().replace(",", "") + "#"
    return [hash_(s[i:i + n]) for n in (2, 3) for i in range(len(s) - n + 1)]


def hash_(g):
    h = 0
    for c in g:
        h = (h * 131 + ord(c)) % 4093
    return h


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(4093, 32, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.15)
        self.proj = nn.Linear(32, 32)

    def forward(self, texts):
        g = [grams(t) for t in texts]
        off = np.cumsum([0] + [len(x) for x in g[:-1]])
        return self.proj(torch.tanh(self.bag(torch.tensor(sum(g, [])), torch.from_numpy(off))))


def distance(u, v):
    # fault:
    return (u - v).pow(2).sum(1).sqrt()
    # mended:
    # return ((u - v).pow(2).sum(1) + 1e-6).sqrt()
    # end


def contrastive(d, same, margin=2.0):
    return (same * d ** 2 + (1 - same) * torch.relu(margin - d) ** 2).mean()


rows = [pair() for _ in range(4800)]
train, dev = rows[:4000], rows[4000:]
enc = Encoder()
opt = torch.optim.RMSprop(enc.parameters(), lr=1e-3)


@torch.no_grad()
def score():
    a, b, y = zip(*dev)
    d, y = distance(enc(a), enc(b)), torch.tensor(y)
    return ((d < 1.0).long() == y).float().mean().item(), contrastive(d, y.float()).item()


print(len(train), "pairs, e.g.", train[0][:2])
for epoch in range(6):
    random.shuffle(train)
    run = []
    for s in range(0, len(train), 40):
        a, b, y = zip(*train[s:s + 40])
        loss = contrastive(distance(enc(a), enc(b)), torch.tensor(y, dtype=torch.float))
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    acc, dl = score()
    print(f"epoch {epoch}: contrastive {np.mean(run):.4f}  dev {dl:.4f}  accuracy at d<1: {acc:.3f}")
