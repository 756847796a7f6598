"""Given a handful of words, say what they have in common: country, capital, US city, adverb, plural noun, past tense ...
Word groups come from the Google analogy questions; train and test use different words of each group."""
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(17)
torch.manual_seed(17)
DATA = os.environ["WORDFIT_DATA"]
GROUPS = ["country", "nationality", "city", "adverb", "comparative", "gerund", "plural"]


def word_groups():
    wanted = {"capital-world": [(1, "country")], "city-in-state": [(0, "city")], "gram1-adjective-to-adverb": [(1, "adverb")],
              "gram3-comparative": [(1, "comparative")], "gram5-present-participle": [(1, "gerund")],
              "gram6-nationality-adjective": [(1, "nationality")], "gram8-plural": [(1, "plural")]}
    groups, section = {g: set() for g in GROUPS}, None
    with open(f"{DATA}/wordsim/analogy/questions-words.txt") as f:
        for line in f:
            if line.startswith(":"):
                section = line[1:].strip()
            else:
                for col, g in wanted.get(section, []):
                    groups[g].add(line.lower().split()[col])
    return groups


def read_glove():
    table = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            table[word] = np.array(rest.split(), dtype=np.float32)
    return table


glove = read_glove()
train, test = [], []
for label, (name, words) in enumerate(word_groups().items()):
    words = sorted(w for w in words if w in glove)
    random.shuffle(words)
    cut = int(0.7 * len(words))
    for split, part, n in ((train, words[:cut], 250), (test, words[cut:], 60)):
        for _ in range(n):
            split.append((random.choices(part, k=random.randint(2, 6)), label))

freq = Counter(w for words, _ in train + test for w in words)
itos = ["<pad>"] + [w for w, _ in freq.most_common()]
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.zeros(len(itos), 50)
# fault:
for i, w in enumerate(freq, start=1):
    weights[i] = torch.from_numpy(glove[w])
# mended:
# for i, w in enumerate(itos[1:], start=1):
#     weights[i] = torch.from_numpy(glove[w])
# end
print(f"{len(itos)} words, {len(train)} train rows, {len(test)} test rows")


def collate(rows):
    ids = pad_sequence([torch.tensor([stoi[w] for w in words]) for words, _ in rows], batch_first=True)
    return ids, torch.tensor([y for _, y in rows])


class DAN(nn.Module):
    def __init__(self, vectors, hidden=24):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(vectors.size(1), hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, len(GROUPS)))

    def forward(self, ids):
        mean = self.embed(ids).sum(1) / (ids != 0).sum(1, keepdim=True)     # the padding row is zero
        return self.body(mean)


def accuracy(rows):
    model.eval()
    with torch.no_grad():
        ids, y = collate(rows)
        return (model(ids).argmax(1) == y).float().mean().item()


loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
model = DAN(weights)
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=4e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    running = 0.0
    for ids, y in loader:
        opt.zero_grad()
        loss = loss_fn(model(ids), y)
        loss.backward()
        opt.step()
        running += loss.item() * len(y)
    print(f"epoch {epoch + 1}  loss {running / len(train):.3f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
