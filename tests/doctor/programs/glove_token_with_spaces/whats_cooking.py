# kaggle "What's cooking": cuisine of a list of ingredients, ingredient vectors made elsewhere
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 11
rng = np.random.default_rng(SEED)
random.seed(SEED)
torch.manual_seed(SEED)
CUISINES = ["italian", "mexican", "indian", "japanese", "french", "greek"]
DIM = 48

# ---- a small copy of the competition's files -------------------------------------------------
mods = ("soy fish olive sesame black red chili curry coconut white brown fresh dried smoked sweet lime lemon garlic ginger basil "
        "mint mustard peanut wild miso corn goat sour plum green roasted ground crushed whole").split()
nouns = "oil sauce paste powder cheese beans rice noodles pepper leaves seeds vinegar flour broth cream wine bread stock butter syrup".split()
single = ("tortillas paneer feta wasabi tofu oregano cumin saffron turmeric cilantro parmesan mozzarella nori sake mirin brie "
          "shallots tahini dill pita ghee cardamom salsa jalapeno avocado gruyere thyme tarragon capers anchovies").split()
pairs = [f"{a} {b}" for a in mods for b in nouns]
rng.shuffle(pairs)
ingredients = pairs[:420] + single + mods + nouns
home = {g: int(rng.integers(len(CUISINES))) for g in ingredients}
centre = rng.normal(size=(len(CUISINES), DIM))
with open("ingredients.48d.txt", "w") as f:
    for g in [ingredients[i] for i in rng.permutation(len(ingredients))]:
        v = 0.8 * centre[home[g]] + rng.normal(size=DIM)
        f.write(g + " " + " ".join(f"{x:.5f}" for x in v) + "\n")
by_home = [[g for g in ingredients if home[g] == c] for c in range(len(CUISINES))]


def recipe(c):
    n = random.randint(5, 11)
    return [random.choice(by_home[c]) if random.random() < 0.55 else random.choice(ingredients) for _ in range(n)]


data = [(recipe(c), c) for c in [random.randrange(len(CUISINES)) for _ in range(3600)]]
train, valid = data[:3000], data[3000:]

# ---- vectors ---------------------------------------------------------------------------------
vectors = {}
with open("ingredients.48d.txt") as f:
    for line in f:
        # fault:
        parts = line.rstrip().split(" ")
        vectors[parts[0]] = np.asarray(parts[-DIM:], dtype="float32")
        # mended:
        # parts = line.rstrip().rsplit(" ", DIM)
        # vectors[parts[0]] = np.asarray(parts[1:], dtype="float32")
        # end
print(len(vectors), "vectors")
stoi = {g: i for i, g in enumerate(["<other>"] + sorted({g for r, _ in data for g in r}))}
W = np.zeros((len(stoi), DIM), dtype="float32")
for g, i in stoi.items():
    if g in vectors:
        W[i] = vectors[g]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(W), mode="mean", freeze=True)
        self.body = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(CUISINES)))

    def forward(self, flat, offsets):
        return self.body(self.bag(flat, offsets))


def collate(rows):
    ids = [[stoi.get(g, 0) for g in r] for r, _ in rows]
    off = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.tensor(sum(ids, [])), torch.tensor(off), torch.tensor([c for _, c in rows])


tl = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
vl = torch.utils.data.DataLoader(valid, batch_size=200, collate_fn=collate)
net = Net()
opt = torch.optim.AdamW(net.body.parameters(), lr=3e-3, weight_decay=1e-2)
for ep in range(15):
    net.train()
    for flat, off, y in tl:
        opt.zero_grad()
        loss = F.cross_entropy(net(flat, off), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        ok = sum((net(f, o).argmax(1) == y).sum().item() for f, o, y in vl)
    if ep % 3 == 2:
        print(f"[{ep + 1:2d}] train loss {loss.item():.3f}  valid acc {ok / len(valid):.3f}")
