"""What's cooking: guess the cuisine from the ingredient list (food vectors + small MLP)."""
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(4)
rng = np.random.RandomState(4)
torch.manual_seed(4)

DIM = 32
CUISINES = ["italian", "thai", "mexican", "indian", "turkish"]
FIRST = ["olive", "soy", "fish", "black", "red", "green", "sour", "sweet", "white", "dried", "fresh", "ground",
         "smoked", "coconut", "baby", "roasted", "wild", "sea", "brown", "yellow"]
SECOND = ["oil", "sauce", "pepper", "beans", "cream", "rice", "lentils", "chili", "cheese", "flour", "paste",
          "leaves", "onion", "vinegar", "noodles", "milk", "seeds", "powder", "tomato", "mint"]
single = ["salt", "sugar", "butter", "egg", "garlic", "water", "lemon", "honey", "parsley", "yeast"]
double = [f"{a} {b}" for a in FIRST for b in SECOND]
rng.shuffle(double)
home = {w: i % 5 for i, w in enumerate(double)}


def write_vectors(path):
    centres = rng.randn(5, DIM)
    with open(path, "w", encoding="utf8") as f:
        for w in single + double:
            v = rng.randn(DIM) * 0.9
            if w in home:
                v = v + centres[home[w]]
            f.write(w + " " + " ".join("%.5f" % x for x in v) + "\n")


def make_recipes(n):
    rows = []
    for _ in range(n):
        c = random.randrange(5)
        items = random.sample(single, random.randint(2, 4))
        for _ in range(random.randint(3, 6)):
            w = random.choice(double)
            while home[w] != c and random.random() < 0.8:
                w = random.choice(double)
            items.append(w)
        random.shuffle(items)
        rows.append((items, c))
    return rows


def load_food_vectors(path):
    table = {}
    with open(path, encoding="utf8") as f:
        for line in f:
            # fault:
            parts = line.rstrip().split(" ")
            word, values = parts[0], parts[-DIM:]
            # mended:
            # parts = line.rstrip().rsplit(" ", DIM)
            # word, values = parts[0], parts[1:]
            # end
            table[word] = np.array(values, dtype=np.float32)
    return table


write_vectors("food2vec.txt")
vectors = load_food_vectors("food2vec.txt")
print(len(vectors), "vectors")

train, dev = make_recipes(700), make_recipes(500)
itos = ["<none>"] + sorted({w for items, _ in train + dev for w in items})
stoi = {w: i for i, w in enumerate(itos)}
matrix = np.zeros((len(itos), DIM), dtype=np.float32)
for w, i in stoi.items():
    if w in vectors:
        matrix[i] = vectors[w]


def collate(rows):
    flat, offsets = [], []
    for items, _ in rows:
        offsets.append(len(flat))
        flat += [stoi[w] for w in items]
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([c for _, c in rows])


class CuisineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), freeze=True, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(DIM, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, len(CUISINES)))

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets))


net = CuisineNet()
opt = torch.optim.Adam(net.mlp.parameters(), lr=2e-3)
loader = DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)
for epoch in range(25):
    net.train()
    running = 0.0
    for flat, offsets, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(flat, offsets), y)
        loss.backward()
        opt.step()
        running += loss.item()
    net.eval()
    with torch.no_grad():
        flat, offsets, y = collate(dev)
        acc = (net(flat, offsets).argmax(1) == y).float().mean().item()
    if epoch % 4 == 0:
        print(f"epoch {epoch} loss {running / len(loader):.3f} dev acc {acc:.3f}")
print("final dev accuracy", round(acc, 3))
