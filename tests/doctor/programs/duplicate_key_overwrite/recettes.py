# Classement de recettes (entrée, plat, dessert, boisson) d'après la liste d'ingrédients, vecteurs figés.
import random
import unicodedata

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

rnd = random.Random(11)
torch.manual_seed(11)
COURSES = ["entree", "plat", "dessert", "boisson"]
DIM = 40

# --- a small vector file as our colleagues export it: one word per line, most frequent spelling first
onset = ["b", "br", "c", "ch", "d", "f", "fr", "g", "gr", "l", "m", "n", "p", "pl", "r", "s", "t", "tr", "v"]
nucleus = ["a", "e", "i", "o", "u", "ou", "ai"]
names = set()
while len(names) < 1600:
    names.add("".join(rnd.choice(onset) + rnd.choice(nucleus) for _ in range(rnd.choice([2, 3]))) + rnd.choice(["", "t", "n", "sse", "tte"]))
names = sorted(names)
rnd.shuffle(names)
course_of = {w: i % 4 for i, w in enumerate(names)}
centres = torch.randn(4, DIM) * 0.45
with open("ingredients.vec", "w", encoding="utf-8") as f:
    for w in names:
        v = centres[course_of[w]] + torch.randn(DIM)
        f.write(w + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
    accents = {"a": "à", "e": "é", "i": "î", "o": "ô", "u": "û"}
    for w in names:
        k = next(j for j, c in enumerate(w) if c in accents)
        if rnd.random() < 0.8:
            f.write(w[:k] + accents[w[k]] + w[k + 1:] + " " + " ".join(f"{x:.4f}" for x in torch.randn(DIM).tolist()) + "\n")


def fold(word):
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def load_vectors(path):
    vectors = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *nums = line.split()
            key = fold(word)
            # fault:
            vectors[key] = torch.tensor([float(x) for x in nums])
            # mended:
            # if key not in vectors:
            #     vectors[key] = torch.tensor([float(x) for x in nums])
            # end
    return vectors


vectors = load_vectors("ingredients.vec")
stoi = {w: i for i, w in enumerate(vectors)}
table = torch.stack(list(vectors.values()))

# --- recipes
by_course = [[w for w in names if course_of[w] == c] for c in range(4)]


def recipe():
    c = rnd.randrange(4)
    return [rnd.choice(by_course[c]) if rnd.random() < 0.55 else rnd.choice(names) for _ in range(rnd.randint(5, 11))], c


data = [recipe() for _ in range(2200)]
train, dev = data[:1500], data[1500:]


def collate(batch):
    ids = [torch.tensor([stoi[fold(w)] for w in words]) for words, _ in batch]
    offsets = torch.tensor([0] + [len(x) for x in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([c for _, c in batch])


class Recettes(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="mean")
        self.fc = nn.Linear(DIM, 4)

    def forward(self, flat, offsets):
        return self.fc(self.bag(flat, offsets))


net = Recettes()
opt = torch.optim.AdamW(net.fc.parameters(), lr=0.02, weight_decay=1e-3)
loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
for epoch in range(12):
    net.train()
    for flat, offsets, y in loader:
        opt.zero_grad()
        F.cross_entropy(net(flat, offsets), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        flat, offsets, y = collate(dev)
        out = net(flat, offsets)
    print(f"époque {epoch}: perte dev {F.cross_entropy(out, y):.3f}, exactitude dev {(out.argmax(-1) == y).float().mean():.3f}")
