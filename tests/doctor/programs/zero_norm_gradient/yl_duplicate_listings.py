# Are two second-hand listings the same article?  Siamese bag encoder, contrastive loss on the Euclidean distance
# (Hadsell, Chopra, LeCun 2006).  Sellers often post the very same words again.
import random
import torch
import torch.nn as nn

random.seed(21); torch.manual_seed(21)
KINDS = {"bike": "gears frame saddle wheels brakes pedals", "phone": "screen battery charger dual sim unlocked",
         "sofa": "cushions leather seater corner fabric legs", "lamp": "bulb shade stand dimmer brass reading",
         "coat": "wool lined size hood zipper buttons", "guitar": "strings acoustic neck amp case fretboard"}
BRANDS = [a + b for a in ("no", "vel", "ker", "tam", "sor", "lin") for b in ("da", "rix", "mo", "bel")]
COLOURS = "red blue green black white grey brown yellow".split()
PHRASES = "hardly used|pick up only|great condition|price is firm|from a smoke free home|message me|can deliver|moving out|must go|small scratch|with receipt|open to offers".split("|")

def words_of(art):
    kind, brand, colour = art
    w = [kind, brand, colour] + random.sample(KINDS[kind].split(), 3) + random.choice(PHRASES).split() + random.choice(PHRASES).split()
    random.shuffle(w)
    return w

def article():
    return random.choice(list(KINDS)), random.choice(BRANDS), random.choice(COLOURS)

def pair():
    art = article()
    a = words_of(art)
    if random.random() < 0.5:
        return a, (list(a) if random.random() < 0.15 else words_of(art)), 1
    other = list(art)
    for slot in random.sample(range(3), random.choice([1, 2, 3])):
        while other[slot] == art[slot]:
            other[slot] = article()[slot]
    return a, words_of(tuple(other)), 0

pairs, seen = [], set()
while len(pairs) < 3000:
    a, b, y = pair()
    if (tuple(a), tuple(b)) not in seen:
        seen.add((tuple(a), tuple(b)))
        pairs.append((a, b, y))
train, test = pairs[:2500], pairs[2500:]
vocab = {w: i for i, w in enumerate(sorted({w for a, b, _ in train for w in a + b}))}

def bag(lists):
    ids = [[vocab[w] for w in l if w in vocab] for l in lists]
    off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor([j for i in ids for j in i]), off

class Encoder(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), d, mode="mean")
    def forward(self, lists):
        return self.bag(*bag(lists))

def distance(u, v):
    # fault:
    return (u - v).pow(2).sum(1).sqrt()
    # mended:
    # return ((u - v).pow(2).sum(1) + 1e-6).sqrt()
    # end

enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=0.03)
MARGIN = 1.0

def scores(part):
    with torch.no_grad():
        d = distance(enc([a for a, _, _ in part]), enc([b for _, b, _ in part]))
    y = torch.tensor([y for *_, y in part])
    return ((d < MARGIN / 2).long() == y).float().mean().item()

for epoch in range(7):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 50):
        rows = train[i:i + 50]
        d = distance(enc([r[0] for r in rows]), enc([r[1] for r in rows]))
        y = torch.tensor([float(r[2]) for r in rows])
        loss = (y * d ** 2 + (1 - y) * torch.relu(MARGIN - d) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    for g in opt.param_groups: g["lr"] *= 0.7
    print(f"epoch {epoch} loss {tot / (len(train) / 50):.4f} train {scores(train):.3f} test {scores(test):.3f}")
