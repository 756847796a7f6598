# Which cuisine does a shopping list belong to? The ingredient vectors come as
# a text file from the lab (one ingredient and 32 numbers per line); they are
# kept fixed, a small attention over the list is trained.
import random

import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)
DIM = 32

PANTRY = {
    "italian": ["olive oil", "pine nuts", "red wine", "basil leaves", "tomato paste", "goat cheese", "black olives", "white beans"],
    "chinese": ["soy sauce", "rice wine", "sesame oil", "black vinegar", "star anise", "bean paste", "green onions", "white pepper"],
    "indian": ["curry leaves", "garam masala", "red lentils", "coconut milk", "mustard oil", "black cumin", "green chili", "goat meat"],
    "mexican": ["corn tortillas", "black beans", "green salsa", "lime juice", "red chili", "chili powder", "pinto beans", "white cheese"],
    "french": ["goose fat", "white wine", "crème fraîche", "dijon mustard", "green lentils", "red shallots", "bay leaves", "wine vinegar"],
}
EVERYWHERE = ["salt", "pepper", "sugar", "flour", "eggs", "butter", "onion", "garlic", "water", "milk",
              "carrot", "celery", "oil", "wine", "beans", "rice", "cheese", "vinegar", "mustard", "chili"]


def write_vectors(path):
    """What the lab sent: vectors from their co-purchase model."""
    g = torch.Generator().manual_seed(77)
    with open(path, "w", encoding="utf-8") as f:
        for cuisine in PANTRY:
            centre = torch.randn(DIM, generator=g)
            for name in PANTRY[cuisine]:
                v = 0.25 * centre + 0.6 * torch.randn(DIM, generator=g)
                f.write(name + " " + " ".join(f"{a:.4f}" for a in v.tolist()) + "\n")
        for name in EVERYWHERE:
            v = 0.7 * torch.randn(DIM, generator=g)
            f.write(name + " " + " ".join(f"{a:.4f}" for a in v.tolist()) + "\n")


def read_vectors(path):
    vec = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            # fault:
            name = parts[0]
            # mended:
            #name = " ".join(parts[:-DIM])
            # end
            vec[name] = torch.tensor([float(a) for a in parts[-DIM:]])
    return vec


def shopping_list():
    cuisine = random.choice(list(PANTRY))
    other = random.choice([c for c in PANTRY if c != cuisine])
    items = random.sample(PANTRY[cuisine], random.randint(2, 3))
    items += random.sample(PANTRY[other], random.randint(0, 1))
    items += random.sample(EVERYWHERE, random.randint(4, 9))
    random.shuffle(items)
    return tuple(items), list(PANTRY).index(cuisine)


class ListNet(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.register_buffer("table", table)
        self.query = nn.Parameter(torch.zeros(DIM))
        self.norm_w = nn.Parameter(torch.ones(DIM))
        self.w = nn.Parameter(torch.randn(n_out, DIM) * 0.1)
        self.b = nn.Parameter(torch.zeros(n_out))

    def forward(self, ids):
        v = self.table[ids]
        a = (torch.tanh(v) @ self.query).masked_fill(ids == 0, -1e9)
        pooled = (torch.softmax(a, 1).unsqueeze(-1) * v).sum(1)
        return (pooled * self.norm_w) @ self.w.T + self.b


write_vectors("pantry_vectors.txt")
vectors = read_vectors("pantry_vectors.txt")
lists = dict(shopping_list() for _ in range(3600))
names = sorted({n for items in lists for n in items})
index = {n: i + 2 for i, n in enumerate(names)}          # 0 = nothing, 1 = never seen
table = torch.zeros(len(names) + 2, DIM)
for n, i in index.items():
    if n in vectors:
        table[i] = vectors[n]

x = torch.zeros(len(lists), 16, dtype=torch.long)
for r, items in enumerate(lists):
    x[r, :len(items)] = torch.tensor([index.get(n, 1) for n in items])
y = torch.tensor(list(lists.values()))
cut = int(0.8 * len(x))

net = ListNet(table, len(PANTRY))
opt = torch.optim.Adam(net.parameters(), lr=0.01)


def score(lo, hi):
    net.eval()
    with torch.no_grad():
        return (net(x[lo:hi]).argmax(1) == y[lo:hi]).float().mean().item()


for epoch in range(8):
    net.train()
    total = 0.0
    perm = torch.randperm(cut)
    for i in range(0, cut, 32):
        b = perm[i:i + 32]
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    if epoch % 2 == 1:
        print(f"epoch {epoch:2d}  loss {total / cut:.4f}  held-out {score(cut, len(x)):.3f}")
print(f"lists {len(x)}  train {score(0, cut):.3f}  held-out {score(cut, len(x)):.3f}")
