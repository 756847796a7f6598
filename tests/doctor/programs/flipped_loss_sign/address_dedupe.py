"""Find the same customer address under different spellings: character n-grams, triplets with a hard negative from the same street."""
import random
import zlib

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
A = "Linden Garten Schiller Goethe Bahnhof Kirch Berg Wald Rosen Birken Mozart Park Mühlen Wiesen Haupt Brunnen Eichen Ufer Markt Ring".split()
B = ["straße", "weg", "platz", "allee", "gasse"]
CITIES = {"Berlin": "10", "Hamburg": "20", "München": "80", "Köln": "50", "Leipzig": "04", "Münster": "48", "Würzburg": "97", "Jena": "07"}
BUCKETS = 3000


def address():
    city = random.choice(list(CITIES))
    return random.choice(A), random.choice(B), random.randint(1, 150), CITIES[city] + f"{random.randint(0, 99):03d}", city


def clean(a):
    return f"{a[0]}{a[1]} {a[2]}, {a[3]} {a[4]}"


def messy(a):
    street = (a[0] + a[1]).replace("straße", random.choice(["str.", "strasse", " Str"])).replace("platz", random.choice(["pl.", "platz"]))
    parts = [f"{street} {a[2]}", random.choice([a[4], f"{a[3]} {a[4]}", f"D-{a[3]} {a[4]}"])]
    if random.random() < 0.3:
        parts.reverse()
    s = random.choice(["z. Hd. Einkauf ", "Firma ", "c/o ", ""]) + random.choice([" ", ", ", " / "]).join(parts)
    s = s.replace("ü", random.choice(["ue", "u", "ü"])).replace("ö", random.choice(["oe", "o", "ö"]))
    if random.random() < 0.5:
        s = s.upper()
    if random.random() < 0.4:
        i = random.randrange(len(s) - 1)
        s = s[:i] + s[i + 1] + s[i] + s[i + 2:]
    return s + random.choice(["", " Deutschland", " GER", " EG links", " 2. OG"])


def grams(s):
    s = "^" + s.lower() + "$"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]


def bag(strings):
    ids, offs = [], []
    for s in strings:
        offs.append(len(ids))
        ids += grams(s)
    return torch.tensor(ids), torch.tensor(offs)


class Encoder(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, d, mode="mean")
        self.lin = nn.Linear(d, d)

    def forward(self, strings):
        h = self.grams(*bag(strings))
        return F.normalize(h + torch.tanh(self.lin(h)), dim=1)


def triplet_loss(anchor, positive, negative, margin=0.4):
    d_pos = 1 - (anchor * positive).sum(1)
    d_neg = 1 - (anchor * negative).sum(1)
    # fault:
    return F.relu(d_neg - d_pos + margin).mean()
    # mended:
    # return F.relu(d_pos - d_neg + margin).mean()
    # end


people = list({address() for _ in range(1600)})
random.shuffle(people)
train, dev = people[:1200], people[1200:1500]
dev_query = [messy(a) for a in dev]


def recall():
    with torch.no_grad():
        sim = enc(dev_query) @ enc([clean(a) for a in dev]).T
    best = sim.topk(5, 1).indices
    gold = torch.arange(len(dev)).unsqueeze(1)
    return (best[:, :1] == gold).float().mean().item(), (best == gold).any(1).float().mean().item()


enc = Encoder()
optimizer = torch.optim.Adam(enc.parameters(), lr=3e-3)
print("untrained: recall@1 %.3f recall@5 %.3f" % recall())
for epoch in range(10):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 48):
        part = train[i:i + 48]
        hard = [(a[0], a[1], random.randint(1, 150)) + address()[3:] if random.random() < 0.5 else random.choice(train) for a in part]
        loss = triplet_loss(enc([messy(a) for a in part]), enc([clean(a) for a in part]), enc([clean(h) for h in hard]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(part)
    print(f"epoch {epoch + 1}: loss {total / len(train):.4f} recall@1 %.3f recall@5 %.3f" % recall())
