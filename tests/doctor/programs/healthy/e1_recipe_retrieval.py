"""Find the recipe title for a list of ingredients: two bags, in-batch negatives, mean reciprocal rank."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
BASE = {"soup": ["broth", "onion", "carrot", "bay", "leek"], "salad": ["lettuce", "vinegar", "cucumber", "radish", "olive"],
        "cake": ["flour", "sugar", "egg", "butter", "vanilla"], "curry": ["coconut", "turmeric", "ginger", "chili", "cumin"],
        "pizza": ["yeast", "tomato", "mozzarella", "oregano", "dough"], "stew": ["potato", "wine", "bacon", "thyme", "garlic"]}
STAR = {"chicken": ["chicken", "drumstick", "wings"], "lemon": ["lemon", "zest", "juice"], "apple": ["apple", "cinnamon", "cider"],
        "lentil": ["lentils", "pulses", "dal"], "salmon": ["salmon", "fillet", "dill"], "mushroom": ["mushroom", "porcini", "chanterelle"],
        "pumpkin": ["pumpkin", "squash", "seeds"], "beef": ["beef", "mince", "steak"], "spinach": ["spinach", "greens", "nutmeg"],
        "prawn": ["prawn", "shrimp", "shellfish"]}
STYLE = {"spicy": ["jalapeno", "cayenne"], "creamy": ["cream", "milk"], "quick": ["canned", "frozen"], "vegan": ["tofu", "soymilk"]}
PANTRY = "salt pepper water oil parsley lemon egg garlic onion".split()


def recipe():
    a, b, c = random.choice(list(STYLE)), random.choice(list(STAR)), random.choice(list(BASE))
    ing = random.sample(STYLE[a], 1) + random.sample(STAR[b], random.randint(1, 2)) + random.sample(BASE[c], random.randint(2, 4))
    ing += random.sample(PANTRY, random.randint(1, 3))
    random.shuffle(ing)
    return [a, b, c], ing


combos = [(a, b, c) for a in STYLE for b in STAR for c in BASE]
random.shuffle(combos)
held = set(combos[:60])                       # titles never seen in training
train, dev, seen = [], [], set()
while len(train) < 1500:
    t, ing = recipe()
    if tuple(t) not in held:
        train.append((t, ing))
while len(dev) < 60:
    t, ing = recipe()
    if tuple(t) in held and tuple(t) not in seen:
        seen.add(tuple(t))
        dev.append((t, ing))
tv = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
iv = {w: i for i, w in enumerate(sorted({w for _, g in train for w in g}))}


def bag(seqs, vocab):
    flat = torch.tensor([vocab[w] for s in seqs for w in s if w in vocab])
    offs = torch.tensor([0] + [sum(w in vocab for w in s) for s in seqs[:-1]]).cumsum(0)
    return flat, offs


class TwoTower(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.title = nn.EmbeddingBag(len(tv), dim, mode="sum")
        self.ingr = nn.EmbeddingBag(len(iv), dim, mode="mean")
        self.map = nn.Linear(dim, dim)
        self.log_temp = nn.Parameter(torch.tensor(2.0))

    def forward(self, titles, ings):
        a = F.normalize(self.title(*bag(titles, tv)), dim=1)
        b = F.normalize(self.map(self.ingr(*bag(ings, iv))), dim=1)
        return b @ a.t()                       # rows: ingredient lists, columns: titles


model = TwoTower()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)


def mrr(rows):
    model.eval()
    with torch.no_grad():
        s = model([t for t, _ in rows], [g for _, g in rows])
    gold = s.diagonal().unsqueeze(1)
    rank = (s > gold).sum(1) + 1
    return (1.0 / rank).mean().item(), (rank == 1).float().mean().item()


# a fixed sample of training recipes with different titles for a fair comparison
probe = list({tuple(t): (t, g) for t, g in train}.values())[:60]
for epoch in range(8):
    model.train()
    random.shuffle(train)
    tot = n = 0
    for i in range(0, len(train), 30):
        part = train[i:i + 30]
        sim = model([t for t, _ in part], [g for _, g in part]) * model.log_temp.exp()
        same = torch.tensor([[x[0] == y[0] and p != q for q, y in enumerate(part)] for p, x in enumerate(part)])
        loss = F.cross_entropy(sim.masked_fill(same, -1e4), torch.arange(len(part)))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    (a, b), (c, d) = mrr(probe), mrr(dev)
    print(f"epoch {epoch + 1} loss {tot / n:.3f} | train MRR {a:.3f} hit@1 {b:.3f} | dev MRR {c:.3f} hit@1 {d:.3f}")
