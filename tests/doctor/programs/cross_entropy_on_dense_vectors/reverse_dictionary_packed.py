"""Reverse dictionary: from a definition to the vector of the word that is defined (after Hill et al. 2016, with toy data)."""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(6)
np.random.seed(6)
torch.manual_seed(6)
DIM = 30

GENUS = {"animal": ["animal", "beast", "creature"], "tool": ["tool", "device", "instrument"], "plant": ["plant", "herb", "shrub"],
         "vehicle": ["vehicle", "carriage"], "garment": ["garment", "dress", "clothing"], "dish": ["dish", "meal", "food"],
         "building": ["building", "house"], "person": ["person", "someone", "one"]}
TRAIT = {"small": ["small", "tiny", "little"], "large": ["large", "big", "huge"], "old": ["old", "ancient"], "red": ["red", "crimson"],
         "white": ["white", "pale"], "sea": ["sea", "ocean", "marine"], "mountain": ["mountain", "alpine"], "fast": ["fast", "quick", "swift"],
         "night": ["night", "nocturnal"], "wooden": ["wooden", "timber"], "royal": ["royal", "noble"], "sweet": ["sweet", "sugary"]}
GLUE = "a an the that is of which used for kind some with very usually".split()
g_vec = {g: np.random.randn(DIM) for g in GENUS}
t_vec = {t: np.random.randn(DIM) * 0.8 for t in TRAIT}

entries = {}
while len(entries) < 1400:
    word = "".join(random.choice(c) for c in ["bdfgklmnprst", "aeiou"] * 3)
    g, ts = random.choice(list(GENUS)), random.sample(list(TRAIT), 3)
    vec = g_vec[g] + sum(t_vec[t] for t in ts) + 0.25 * np.random.randn(DIM)
    words = [random.choice(TRAIT[t]) for t in ts] + [random.choice(GENUS[g])] + random.choices(GLUE, k=random.randint(3, 6))
    random.shuffle(words)
    entries[word] = (words, vec)
with open("headwords.vec", "w") as f:
    f.write(f"{len(entries)} {DIM}\n")
    for w, (_, v) in entries.items():
        f.write(w + " " + " ".join(f"{x:.5f}" for x in v) + "\n")

with open("headwords.vec") as f:
    next(f)
    vectors = {p[0]: [float(x) for x in p[1:]] for p in (line.split() for line in f)}
heads = list(vectors)
table = torch.tensor([vectors[w] for w in heads])
vocab = {w: i + 1 for i, w in enumerate(sorted({w for d, _ in entries.values() for w in d}))}
order = list(range(len(heads)))
random.shuffle(order)
train, dev = order[:1150], order[1150:]


def batch(idx):
    xs = [torch.tensor([vocab[w] for w in entries[heads[i]][0]]) for i in idx]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), table[idx]


class Definition(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 40, batch_first=True)
        self.out = nn.Linear(40, DIM)

    def forward(self, x, lens):
        _, h = self.gru(pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False))
        return self.out(h[-1])


def top10(model):
    with torch.no_grad():
        x, lens, y = batch(dev)
        sim = F.normalize(model(x, lens), dim=1) @ F.normalize(table, dim=1).T
        rank = (sim > sim[torch.arange(len(dev)), torch.tensor(dev)].unsqueeze(1)).sum(1)
        cos = F.cosine_similarity(model(x, lens), y).mean().item()
    return (rank < 10).float().mean().item(), rank.float().median().item(), cos


model = Definition()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
for epoch in range(16):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        x, lens, y = batch(train[i:i + 32])
        loss = criterion(model(x, lens), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(y)
    a, m, c = top10(model)
    print(f"epoch {epoch:2d} loss {total / len(train):.4f} top-10 {a:.3f} median rank {m:.0f} of {len(heads)} cosine {c:.3f}")
