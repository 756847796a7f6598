"""Guess the genre of a film from one line of dialogue (lines.tsv: genre TAB line)."""
import csv
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(90)
torch.manual_seed(90)
words = {
    "western": "sheriff horse saloon bandit ranch gun desert cattle".split(),
    "horror": "ghost scream basement knife vampire grave curse blood".split(),
    "romance": "wedding kiss roses marry darling letter heart dance".split(),
    "scifi": "planet alien laser captain galaxy robot shuttle orbit".split(),
}
talk = "i you we never said that what do want where is the a to go come back now please he she they no yes listen why with".split()
lines = set()
while len(lines) < 2200:
    g = random.choice(list(words))
    t = random.choices(talk, k=random.randint(3, 8)) + random.sample(words[g], random.choice([1, 2]))
    random.shuffle(t)
    t = " ".join(t)
    k = random.random()
    if k < 0.18:
        t = '"' + t  # a speech that goes on elsewhere
    elif k < 0.3:
        t = t + '"'
    lines.add((g, t))
lines = sorted(lines)
random.shuffle(lines)
for name, part in (("train.tsv", lines[:1800]), ("dev.tsv", lines[1800:])):
    with open(name, "w", encoding="utf-8") as f:
        f.write("".join(f"{g}\t{t}\n" for g, t in part))


def read(name):
    rows = []
    with open(name, encoding="utf-8", newline="") as f:
        # fault:
        for genre, text in csv.reader(f, delimiter="\t"):
        # mended:
        # for genre, text in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            rows.append((text.replace('"', " ").split(), list(words).index(genre)))
    return rows


train, dev = read("train.tsv"), read("dev.tsv")
print(len(train), "training rows", len(dev), "dev rows")
stoi = {w: i for i, w in enumerate(sorted({w for t, _ in train + dev for w in t}))}


def collate(rows):
    offsets = torch.tensor([0] + [len(t) for t, _ in rows]).cumsum(0)[:-1]
    return torch.tensor([stoi[w] for t, _ in rows for w in t]), offsets, torch.tensor([g for _, g in rows])


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassificationModel(len(stoi), 32, 4)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    for text, offsets, y in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(text, offsets), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        text, offsets, y = collate(dev)
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(model(text, offsets).argmax(1) == y).float().mean():.4f}")
