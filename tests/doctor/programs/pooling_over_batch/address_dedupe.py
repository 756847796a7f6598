"""Duplicate addresses: learn a vector per address so that two spellings of one address are close. Hashed character trigrams, in-batch negatives."""
import random
import zlib

import torch
from torch import nn
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)
STREETS = "linden bahnhof schiller goethe garten kirch markt mühlen ring wald berg schul post haupt brunnen rosen ahorn eichen birken amsel".split()
KINDS = ["straße", "weg", "platz", "allee", "gasse"]
TOWNS = "Berlin Hamburg Köln Leipzig Bremen Dresden Mainz Ulm Kassel Rostock Bonn Erfurt".split()


def address():
    return random.choice(STREETS).capitalize() + random.choice(KINDS), random.randint(1, 140), random.choice(TOWNS)


def spell(street, number, town):
    s = street
    if random.random() < 0.5:
        s = s.replace("straße", random.choice(["str.", "strasse"])).replace("platz", "pl.")
    if random.random() < 0.3:
        s = s.upper()
    if random.random() < 0.4:
        i = random.randrange(1, len(s) - 1)
        s = s[:i] + s[i + 1:]
    return random.choice([f"{s} {number}, {town}", f"{town}, {s} {number}", f"{s} {number} {town.lower()}"])


BUCKETS = 4096


def trigrams(text):
    text = f"##{text.lower()}##"
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)]


def bag(texts):
    grams = [trigrams(t) for t in texts]
    offsets = torch.tensor([0] + [len(g) for g in grams[:-1]]).cumsum(0)
    return torch.tensor([i for g in grams for i in g]), offsets


class Encoder(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="sum")
        self.lin = nn.Linear(dim, dim)

    def forward(self, texts):
        v = self.lin(torch.tanh(self.bag(*bag(texts)) / 4))
        # fault:
        return F.normalize(v, dim=0)
        # mended:
        # return F.normalize(v, dim=1)
        # end


everything = list({address() for _ in range(5200)})
random.shuffle(everything)
known, held = everything[:4000], everything[4000:4600]
pairs = [(spell(*a), spell(*a)) for a in known]
index = [spell(*a) for a in held]
queries = [spell(*a) for a in held]

encoder = Encoder()
optimizer = torch.optim.Adam(encoder.parameters(), lr=4e-3)
scale = 12.0


@torch.no_grad()
def search():
    """The register is encoded in chunks, a query comes alone."""
    encoder.eval()
    table = torch.cat([encoder(index[i:i + 64]) for i in range(0, len(index), 64)])
    hits = sum(int((encoder([q]) @ table.t()).argmax() == i) for i, q in enumerate(queries))
    encoder.train()
    return hits / len(queries)


for epoch in range(6):
    random.shuffle(pairs)
    total = steps = 0
    for i in range(0, len(pairs), 80):
        a, b = zip(*pairs[i:i + 80])
        logits = scale * encoder(list(a)) @ encoder(list(b)).t()
        loss = F.cross_entropy(logits, torch.arange(len(a)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, steps = total + loss.item(), steps + 1
    print(f"epoch {epoch}: loss {total / steps:.4f}, found first {search():.3f}")
