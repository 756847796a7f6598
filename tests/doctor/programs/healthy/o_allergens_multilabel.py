"""Allergen declaration from ingredient lists.

Each dish may carry any number of the 6 declarations (or none).  Labels are rare, hence pos_weight, and we
report micro / macro F1 since accuracy says nothing here.
"""
import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader

gen = np.random.default_rng(2024)
torch.manual_seed(2024)

ALLERGENS = {
    "gluten": ["flour", "semolina", "breadcrumbs", "barley", "couscous", "spelt", "soy-sauce"],
    "milk": ["butter", "cream", "mozzarella", "yoghurt", "parmesan", "whey"],
    "nuts": ["almonds", "hazelnuts", "walnuts", "pistachios", "marzipan"],
    "fish": ["cod", "anchovies", "tuna", "salmon", "fish-sauce", "worcester"],
    "egg": ["egg", "mayonnaise", "meringue", "yolk", "aioli"],
    "soy": ["tofu", "soy-sauce", "tempeh", "edamame", "miso"],
}
PLAIN = ("rice potato carrot onion garlic tomato basil thyme salt pepper sugar water lemon lime spinach beef chicken "
         "pork beans lentils peas corn leek ginger chili mint parsley oil vinegar mushroom zucchini aubergine apple "
         "pear plum cherry honey raisins saffron cumin").split()
risky = sorted({w for v in ALLERGENS.values() for w in v})
names = list(ALLERGENS)


def dish():
    items = list(gen.choice(PLAIN, gen.integers(2, 9), replace=False))
    items += list(gen.choice(risky, gen.choice([0, 1, 2, 3], p=[.35, .3, .2, .15]), replace=False))
    gen.shuffle(items)
    y = [float(any(i in ALLERGENS[a] for i in items)) for a in names]
    # vegan variants: "vegan" in front of an ingredient takes the milk/egg label away
    text = []
    for it in items:
        if it in ALLERGENS["milk"] + ALLERGENS["egg"] and gen.random() < .25:
            text.append("vegan-" + it)
        else:
            text.append(it)
    y[1] = float(any(t in ALLERGENS["milk"] for t in text))
    y[4] = float(any(t in ALLERGENS["egg"] for t in text))
    return text, y


rows = [dish() for _ in range(3500)]
train, valid, test = rows[:2500], rows[2500:3000], rows[3000:]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
UNK = len(vocab)


def collate(batch):
    ids, offsets, ys = [], [], []
    for toks, y in batch:
        offsets.append(len(ids))
        ids.extend(vocab.get(t, UNK) for t in toks)
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(ys)


model = nn.ModuleDict({
    "bag": nn.EmbeddingBag(len(vocab) + 1, 20, mode="sum"),
    "head": nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, len(names))),
})
nn.init.normal_(model["bag"].weight, std=.2)
y_train = torch.tensor([y for _, y in train])
freq = y_train.mean(0)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=((1 - freq) / freq).sqrt())
optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=1e-3)
loaders = {k: DataLoader(v, 50, shuffle=k == "train", collate_fn=collate) for k, v in
           {"train": train, "valid": valid, "test": test}.items()}


def run(split):
    total, ps, ts = 0., [], []
    learn = split == "train"
    model.train(learn)
    with torch.set_grad_enabled(learn):
        for ids, off, y in loaders[split]:
            z = model["head"](model["bag"](ids, off))
            loss = loss_fn(z, y)
            if learn:
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            ps.append((z > 0).int())
            ts.append(y.int())
    p, t = torch.cat(ps), torch.cat(ts)
    n = len(t)
    return total / n, f1_score(t, p, average="micro"), f1_score(t, p, average="macro", zero_division=0)


print("label frequency", dict(zip(names, (round(f, 3) for f in freq.tolist()))))
for epoch in range(4):
    a, b = run("train"), run("valid")
    print("%d train loss %.4f microF1 %.3f | valid loss %.4f microF1 %.3f macroF1 %.3f" % (epoch, *a[:2], *b))
    if epoch == 2:
        for g in optimizer.param_groups:
            g["lr"] = 2e-3
print("test loss %.4f micro %.3f macro %.3f" % run("test"))
