"""
Allergen and diet flags of a recipe from its ingredient list (multi-label).
Vectors come from a crawl, one line per surface form, most frequent form first.
"""
import random
import unicodedata

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(21)
np.random.seed(21)
torch.manual_seed(21)
FLAGS = ["gluten", "dairy", "nuts", "meat", "fish"]
BASE = {
    "gluten": "flour bread pasta couscous bulgur noodles breadcrumbs semolina baguette seitan barley rye".split(),
    "dairy": "milk butter cream yoghurt mozzarella parmesan feta ricotta quark gruyère crème mascarpone".split(),
    "nuts": "almond hazelnut walnut pecan cashew pistachio praliné marzipan nougat macadamia pinenut gianduja".split(),
    "meat": "beef pork bacon ham chicken turkey lamb salami chorizo veal pâté jamón".split(),
    "fish": "salmon tuna cod anchovy sardine trout mackerel herring haddock halibut caviar surimi".split(),
    "none": "onion garlic salt pepper olive tomato carrot sugar rice potato lemon basil parsley jalapeño thyme water leek spinach mushroom apple".split(),
}
DIM = 12
centre = {k: np.random.randn(DIM) for k in BASE}

forms = []
for kind, words in BASE.items():
    for w in words:
        forms.append((w, centre[kind] + 0.7 * np.random.randn(DIM)))
random.shuffle(forms)
tail = []
for w, _ in forms:
    for variant in {w.upper(), w.capitalize()}:
        if random.random() < 0.75:
            tail.append((variant, 1.2 * np.random.randn(DIM)))
random.shuffle(tail)
with open("crawl.vec", "w", encoding="utf-8") as f:
    f.write(f"{len(forms) + len(tail)} {DIM}\n")
    for w, v in forms + tail:
        f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")


def normalise(w):
    w = unicodedata.normalize("NFKD", w.lower())
    return "".join(c for c in w if not unicodedata.combining(c))


def load(path):
    index, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(DIM), np.zeros(DIM)]
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in f:
            w, *v = line.split()
            w = normalise(w)
            # fault:
            index[w] = len(rows)
            # mended:
            # index.setdefault(w, len(rows))
            # end
            rows.append(np.array(v, dtype=np.float64))
    return index, torch.tensor(np.stack(rows), dtype=torch.float)


index, table = load("crawl.vec")


def recipe(part):
    n = random.randint(3, 9)
    kinds = random.choices(list(BASE), weights=[1, 1, 1, 1, 1, 5], k=n)
    pools = [BASE[k] if part == "dev" else BASE[k][: len(BASE[k]) // 2] for k in kinds]
    items = [random.choice(p) for p in pools]
    items = [i.capitalize() if random.random() < 0.3 else i for i in items]
    return items, [float(f in kinds) for f in FLAGS]


train, dev = [recipe("train") for _ in range(3000)], [recipe("dev") for _ in range(600)]


def collate(rows):
    T = max(len(r) for r, _ in rows)
    ids = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (r, _) in enumerate(rows):
        ids[i, :len(r)] = torch.tensor([index.get(normalise(w), 1) for w in r])
    return {"ids": ids, "mask": ids > 0, "flags": torch.tensor([y for _, y in rows])}


class DeepSets(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", table)
        self.phi = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 32))
        self.rho = nn.Linear(32, len(FLAGS))

    def forward(self, batch):
        h = self.phi(self.table[batch["ids"]])
        h = h.masked_fill(~batch["mask"][..., None], float("-inf")).amax(1)
        return self.rho(h)


def f1(logits, y):
    p = logits > 0
    tp = (p & (y > 0)).sum().item()
    return 2 * tp / max(1, (p.sum() + (y > 0).sum()).item())


loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
dev_batch = collate(dev)
model = DeepSets()
opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(6):
    model.train()
    losses = []
    for b in loader:
        loss = bce(model(b), b["flags"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        z = model(dev_batch)
    print(f"epoch {epoch + 1}  train bce {np.mean(losses):.3f}  dev bce {bce(z, dev_batch['flags']).item():.3f}  dev micro-F1 {f1(z, dev_batch['flags']):.3f}")
