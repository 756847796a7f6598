"""Which two customer records are the same household?  Character CNN, twice with the same weights, cosine distance.

Half of the negatives are near misses (same street, other number; same name, other town), because random pairs are too easy.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

STREETS = ["Haupt", "Garten", "Bahnhof", "Schul", "Dorf", "Berg", "Linden", "Kirch", "Wald", "Ring", "Mozart", "Goethe", "Schiller", "Park", "Wiesen", "Birken", "Markt", "Post"]
TOWNS = ["Aachen", "Bremen", "Coburg", "Dachau", "Erfurt", "Fulda", "Giessen", "Husum", "Ilmenau", "Jena", "Kassel", "Lindau", "Marburg", "Passau", "Soest", "Trier"]
LAST = [a + b for a in ["Mei", "Schu", "Wag", "Beck", "Hoff", "Krä", "Brau", "Zim"] for b in ["er", "mann", "ner", "ke", "mer"]]


def entity(r):
    return [r.choice(LAST), r.choice(STREETS), str(r.randint(1, 99)), r.choice(TOWNS)]


def render(r, e):
    name, street, no, town = e
    street = street + r.choice(["straße", "str.", "strasse", " Str."])
    name = r.choice(["Fam. ", "", "Hr. ", "Fr. "]) + name
    s = r.choice([f"{name}, {street} {no}, {town}", f"{name}; {town}, {street} {no}", f"{name} {street} {no} {town}"])
    if r.random() < 0.3:                                   # a typing error
        i = r.randrange(1, len(s) - 1)
        s = s[:i] + s[i + 1] + s[i] + s[i + 2:]
    return s if r.random() < 0.8 else s.upper().replace("SS", "ß")


def near(r, e):
    f = list(e)
    for i in r.sample(range(4), 2):
        f[i] = entity(r)[i]
    return f


def pairs(n, seed):
    r = random.Random(seed)
    out = []
    while len(out) < n:
        e = entity(r)
        y = int(r.random() < 0.5)
        f = e if y else (near(r, e) if r.random() < 0.5 else entity(r))
        if not y and f == e:
            continue
        out.append((render(r, e), render(r, f), y))
    return out


chars = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyzäöüß0123456789 .,;")}
ids = lambda s: [chars[c] for c in s.lower() if c in chars]


def tensor(texts):
    seqs = [ids(t) for t in texts]
    T = max(len(s) for s in seqs) + 2
    x = torch.zeros(len(seqs), T, dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, 1:1 + len(s)] = torch.tensor(s)
    return x


class CharCNN(nn.Module):
    def __init__(self, d=20, c=64):
        super().__init__()
        self.e = nn.Embedding(len(chars) + 1, d, padding_idx=0)
        self.c3 = nn.Conv1d(d, c, 3, padding=1)
        self.out = nn.Linear(c, 48)

    def forward(self, x):
        h = F.relu(self.c3(self.e(x).transpose(1, 2))).masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.out(torch.cat([h.amax(-1)], 1))


def auc(s, y):
    p, q = s[y == 1], s[y == 0]
    return (p[:, None] > q[None]).float().mean().item()


torch.manual_seed(12)
random.seed(12)
train, dev = pairs(5000, 1), pairs(800, 2)
known = {(a, b) for a, b, _ in train}
dev = [d for d in dev if (d[0], d[1]) not in known]
net = CharCNN()
scale = nn.Parameter(torch.tensor(6.0))
shift = nn.Parameter(torch.tensor(-4.0))
opt = torch.optim.Adam([{"params": net.parameters(), "lr": 2e-3}, {"params": [scale, shift], "lr": 2e-2}])


def logits(batch):
    a, b, _ = zip(*batch)
    u, v = net(tensor(a)), net(tensor(b))
    return scale * F.cosine_similarity(u, v) + shift


for epoch in range(1, 5):
    random.Random(epoch).shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 50):
        b = train[k:k + 50]
        if random.random() < 0.5:
            b = [(q, p, y) for p, q, y in b]                # the order of a pair means nothing
        z = logits(b)
        loss = F.binary_cross_entropy_with_logits(z, torch.tensor([float(y) for *_, y in b]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        z = logits(dev)
        y = torch.tensor([y for *_, y in dev])
    print(f"epoch {epoch} loss {tot / len(train):.4f} dev loss {F.binary_cross_entropy_with_logits(z, y.float()):.4f} AUC {auc(z, y):.4f} acc {((z > 0) == (y == 1)).float().mean():.4f} scale {scale.item():.1f}")
