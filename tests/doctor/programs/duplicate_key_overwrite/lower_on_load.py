"""Which shelf does a product belong to? Averaged vectors; the vector file is cased, most frequent words first."""
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(6)
np.random.seed(6)
torch.manual_seed(6)
SHELVES = ["garden", "kitchen", "office", "toys", "sport"]
DIM = 50
nouns = {s: [f"{s[:3]}{a}{b}" for a in "abcdefgh" for b in "klmnop"] for s in SHELVES}
filler = ["set", "of", "two", "with", "blue", "green", "small", "large", "new", "pack", "for", "and", "light", "heavy"]
centres = {s: np.random.randn(DIM) * 0.3 for s in SHELVES}
with open("vectors.cased.txt", "w") as f:
    def put(word, vec):
        f.write(word + " " + " ".join("%.5f" % v for v in vec) + "\n")

    for w in filler:
        put(w, np.random.randn(DIM) * 0.3)
    every = [(s, w) for s in SHELVES for w in nouns[s]]
    random.shuffle(every)
    for s, w in every:
        put(w, centres[s] + np.random.randn(DIM) * 0.3)
    for s, w in every:  # surnames, brands, places, headlines
        put(w.capitalize(), np.random.randn(DIM) * 0.4)
        if random.random() < 0.5:
            put(w.upper(), np.random.randn(DIM) * 0.4)


def load_embeddings(path):
    embeddings = {}
    with open(path) as f:
        for line in f:
            values = line.split()
            word = values[0].lower()
            # fault:
            embeddings[word] = np.asarray(values[1:], dtype="float32")
            # mended:
            # if word not in embeddings:
            #     embeddings[word] = np.asarray(values[1:], dtype="float32")
            # end
    return embeddings


class Products(Dataset):
    def __init__(self, rows, embeddings):
        self.rows, self.embeddings = rows, embeddings

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, label = self.rows[i]
        vecs = [self.embeddings[w] for w in text.lower().split() if w in self.embeddings]
        return torch.from_numpy(np.mean(vecs, axis=0)), label


rows = {}
while len(rows) < 1000:
    s = random.randrange(5)
    words = random.sample(nouns[SHELVES[s]], 2) + random.sample(filler, random.randint(2, 4))
    random.shuffle(words)
    rows[" ".join(words).capitalize()] = s
rows = list(rows.items())
emb = load_embeddings("vectors.cased.txt")
train_loader = DataLoader(Products(rows[:400], emb), batch_size=20, shuffle=True)
dev_loader = DataLoader(Products(rows[400:], emb), batch_size=100)
model = nn.Sequential(nn.Linear(DIM, 64), nn.Tanh(), nn.Dropout(0.2), nn.Linear(64, len(SHELVES)))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(16):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in dev_loader)
    print(f"Epoch {epoch:2d}  loss {loss.item():.3f}  dev accuracy {hits / 600:.3f}")
