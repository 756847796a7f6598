# What's cooking? -- cuisine from the list of ingredients
# step 1: ingredient vectors from the unlabelled recipes (PPMI + SVD), saved in GloVe text format
# step 2: classifier on the few labelled ones
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

rng = np.random.RandomState(11)
torch.manual_seed(11)

STAPLES = ["salt", "water", "sugar", "onions", "garlic", "butter", "eggs", "flour", "pepper", "rice", "milk", "carrots"]
CUISINE = {
    "italian": ["olive oil", "parmesan cheese", "balsamic vinegar", "pine nuts", "basil leaves", "plum tomatoes", "arborio rice", "red wine", "sun dried tomatoes", "bay leaves", "prosciutto"],
    "japanese": ["soy sauce", "rice vinegar", "sesame seeds", "mirin", "miso paste", "green onions", "sushi rice", "bonito flakes", "shiitake mushrooms", "white radish", "sesame oil"],
    "mexican": ["black beans", "corn tortillas", "jalapeno chilies", "cilantro", "sour cream", "lime juice", "refried beans", "red onion", "green chilies", "chili powder", "corn kernels"],
    "indian": ["garam masala", "curry powder", "basmati rice", "coconut milk", "ghee", "red lentils", "mustard seeds", "curry leaves", "chickpea flour", "green cardamom", "black cardamom"],
    "french": ["white wine", "dijon mustard", "creme fraiche", "shallots", "heavy cream", "chicken stock", "bay leaf", "black truffle", "goat cheese", "puff pastry", "red potatoes"],
}
NAMES = list(CUISINE)
EVERYTHING = STAPLES + [i for v in CUISINE.values() for i in v]


def draw():
    c = rng.randint(len(NAMES))
    basket = list(rng.choice(STAPLES, rng.randint(2, 5), replace=False))
    basket += list(rng.choice(CUISINE[NAMES[c]], rng.randint(1, 4), replace=False))
    if rng.rand() < 0.7:
        basket.append(EVERYTHING[rng.randint(len(EVERYTHING))])
    rng.shuffle(basket)
    return list(dict.fromkeys(str(b) for b in basket)), c


pool, used = [], set()
while len(pool) < 5400:
    b, c = draw()
    if frozenset(b) not in used:
        used.add(frozenset(b))
        pool.append((b, c))
unlabelled = [b for b, _ in pool[:4000]]
train, valid = pool[4000:4800], pool[4800:]

# ---- vectors
DIM = 20
pos = {w: i for i, w in enumerate(EVERYTHING)}
cooc = np.zeros((len(pos), len(pos)))
for b in unlabelled:
    for x in b:
        for z in b:
            if x != z:
                cooc[pos[x], pos[z]] += 1
tot = cooc.sum()
pmi = np.log((cooc * tot + 1e-9) / np.outer(cooc.sum(1), cooc.sum(0)))
u, s, _ = np.linalg.svd(np.maximum(pmi, 0))
vecs = u[:, :DIM] * np.sqrt(s[:DIM])
with open("ingredients.20d.txt", "w", encoding="utf-8") as out:
    for w, i in pos.items():
        out.write(w + " " + " ".join("%.5f" % v for v in vecs[i]) + "\n")

# ---- read back
table = {}
for line in open("ingredients.20d.txt", encoding="utf-8"):
    values = line.rstrip().split(" ")
    # fault:
    word = values[0]
    # mended:
    #word = " ".join(values[:-DIM])
    # end
    table[word] = np.asarray(values[-DIM:], dtype="float32")

itos = ["<pad>"] + sorted({i for b, _ in pool for i in b})
stoi = {w: i for i, w in enumerate(itos)}
weights = np.zeros((len(itos), DIM), dtype="float32")
for w, i in stoi.items():
    if w in table:
        weights[i] = table[w]


class Baskets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, k):
        return self.rows[k]


def collate(rows):
    longest = max(len(b) for b, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    for r, (b, _) in enumerate(rows):
        ids[r, :len(b)] = torch.tensor([stoi[w] for w in b])
    return ids, torch.tensor([c for _, c in rows])


class CuisineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.ingredient = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.gate = nn.Linear(DIM, 1)
        self.head = nn.Linear(DIM, len(NAMES))

    def forward(self, ids):
        e = self.ingredient(ids)
        a = self.gate(e).squeeze(-1).masked_fill(ids == 0, float("-inf")).softmax(1)
        return self.head((a.unsqueeze(-1) * e).sum(1))


train_dl = DataLoader(Baskets(train), batch_size=16, shuffle=True, collate_fn=collate)
valid_dl = DataLoader(Baskets(valid), batch_size=100, collate_fn=collate)
net = CuisineNet()
optim = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.02)
lossf = nn.CrossEntropyLoss()


def accuracy(dl):
    net.eval()
    good = n = 0
    with torch.no_grad():
        for ids, c in dl:
            good += (net(ids).argmax(1) == c).sum().item()
            n += len(c)
    return good / n


for ep in range(1, 16):
    net.train()
    total = 0
    for ids, c in train_dl:
        optim.zero_grad()
        loss = lossf(net(ids), c)
        loss.backward()
        optim.step()
        total += loss.item()
    if ep % 5 == 0:
        print(ep, "loss %.4f" % (total / len(train_dl)), "valid acc %.3f" % accuracy(valid_dl))
print("train acc %.3f" % accuracy(train_dl), "valid acc %.3f" % accuracy(valid_dl))
