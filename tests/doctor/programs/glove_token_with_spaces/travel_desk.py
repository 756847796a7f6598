"""Travel desk routing: which regional team gets the request?  Vectors come from our own phrase model (fastText-like text
dump, one entry per line, phrases included)."""
import random
import re
import numpy as np
import torch
import torch.nn as nn

random.seed(17); np.random.seed(17); torch.manual_seed(17)
DIM, REGIONS = 30, ["emea", "amer", "apac", "nordics"]

# ---------------------------------------------------------------- the phrase model's dump
first = "san new port saint los el fort mount north south east west upper lower great little old grand lake cape".split()
tail = ["".join(random.choice("bcdfglmnrstvz") + random.choice("aeiou") for _ in range(random.randint(2, 3))) for _ in range(330)]
centre = np.random.randn(len(REGIONS), DIM) * 0.55
places = {}
while len(places) < 480:
    n = random.choice(first) + " " + random.choice(tail)
    if random.random() < 0.25:
        n = n + " " + random.choice(["city", "bay", "springs"])
    places.setdefault(n, random.randrange(len(REGIONS)))
common = ("please book a flight to for me and hotel near the conference in we need two rooms from monday until friday train "
          "ticket visa help with is there any cheap return trip team of five leaving next week thanks hello asap rental car").split()
with open("phrases.vec.txt", "w") as f:
    for w in sorted(set(common + first + tail + ["city", "bay", "springs"])):
        f.write(w + " " + " ".join("%.4f" % v for v in np.random.randn(DIM) * 0.5) + "\n")
    for n, r in places.items():
        f.write(n + " " + " ".join("%.4f" % v for v in centre[r] + np.random.randn(DIM) * 0.45) + "\n")


def load_vectors(path, dim):
    vecs = {}
    with open(path) as f:
        for line in f:
            # fault:
            parts = line.rstrip().split(" ")
            # mended:
            # parts = line.rstrip().rsplit(" ", dim)
            # end
            vecs[parts[0]] = np.asarray(parts[-dim:], dtype=np.float32)
    return vecs


vecs = load_vectors("phrases.vec.txt", DIM)
itos = ["<pad>"] + list(vecs)
stoi = {w: i for i, w in enumerate(itos)}
table = torch.tensor(np.stack([np.zeros(DIM, np.float32)] + [vecs[w] for w in itos[1:]]))
print("entries read:", len(vecs))


def encode(text):
    """greedy longest match, up to three words"""
    t = re.findall(r"[a-z]+", text)
    ids, i = [], 0
    while i < len(t):
        for n in (3, 2, 1):
            k = stoi.get(" ".join(t[i:i + n]))
            if k and i + n <= len(t):
                ids.append(k)
                i += n
                break
        else:
            i += 1
    return ids


names = sorted(places)
random.shuffle(names)


def requests(pool, n):
    out = []
    for _ in range(n):
        p = random.choice(pool)
        pre = random.sample(common, random.randint(2, 5))
        post = random.sample(common, random.randint(1, 4))
        out.append((encode(" ".join(pre + [p] + post)), places[p]))
    return out


train, dev = requests(names[:360], 2500), requests(names[360:], 500)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.att = nn.Linear(DIM, 1)
        self.mlp = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(REGIONS)))

    def forward(self, x):
        e = self.emb(x)
        a = self.att(e).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.mlp((a.unsqueeze(-1) * e).sum(1))


def collate(rows):
    T = max(len(r[0]) for r in rows)
    return torch.tensor([r[0] + [0] * (T - len(r[0])) for r in rows]), torch.tensor([r[1] for r in rows])


model = Router()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
dl = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
for epoch in range(10):
    model.train()
    tot = 0
    for x, y in dl:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {tot / len(train):.3f} new places acc {acc:.3f}")
