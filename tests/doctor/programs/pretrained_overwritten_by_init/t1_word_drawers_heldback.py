# -*- coding: utf-8 -*-
"""word_drawers.ipynb, exported.

We put words into drawers (countries, cities, adverbs, past tenses ...) with nothing but their GloVe vector.
Words of the test drawers' contents were never shown, so everything rests on where they lie in the space.
"""
# In[1]:
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(21)
random.seed(21)
DATA = os.environ["WORDFIT_DATA"]

# In[2]: the vectors
words, rows = ["<unk>"], [np.zeros(50, dtype=np.float32)]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fh:
    for line in fh:
        parts = line.rstrip().split(" ")
        words.append(parts[0])
        rows.append(np.asarray(parts[1:], dtype=np.float32))
stoi = {w: i for i, w in enumerate(words)}
vectors = torch.from_numpy(np.stack(rows))

# In[3]: the drawers, from the columns of the analogy questions
DRAWERS = {
    "capital-world": {0: "city", 1: "country"},
    "city-in-state": {0: "city", 1: "state"},
    "gram1-adjective-to-adverb": {1: "adverb"},
    "gram3-comparative": {0: "adjective", 1: "comparative"},
    "gram5-present-participle": {1: "participle"},
    "gram6-nationality-adjective": {1: "nationality"},
    "gram7-past-tense": {1: "past"},
    "gram8-plural": {1: "plural"},
}
members = {}
with open(f"{DATA}/wordsim/analogy/questions-words.txt") as fh:
    for line in fh:
        if line.startswith(":"):
            columns = DRAWERS.get(line[1:].strip(), {})
            continue
        four = line.lower().split()
        for k, w in enumerate(four):
            drawer = columns.get(k % 2)
            if drawer and w in stoi:
                members.setdefault(w, set()).add(drawer)

examples = sorted((w, next(iter(d))) for w, d in members.items() if len(d) == 1)
random.shuffle(examples)
names = sorted({d for _, d in examples})
print(Counter(d for _, d in examples))

ids = torch.tensor([stoi[w] for w, _ in examples])
labels = torch.tensor([names.index(d) for _, d in examples])
cut = int(0.7 * len(ids))
train = TensorDataset(ids[:cut], labels[:cut])
held_out = TensorDataset(ids[cut:], labels[cut:])


# In[4]: the model
class DrawerNet(nn.Module):
    def __init__(self, weights, n_out, hidden=48, p=0.4):
        super().__init__()
        self.lookup = nn.Embedding(*weights.shape)
        # fault:
        self.lookup.weight.data.copy_(weights)
        self.lookup.weight.requires_grad_(False)
        self.body = nn.Sequential(nn.Linear(weights.shape[1], hidden), nn.ReLU(), nn.Dropout(p), nn.Linear(hidden, n_out))
        self.apply(self.reset)
        # mended:
        #self.body = nn.Sequential(nn.Linear(weights.shape[1], hidden), nn.ReLU(), nn.Dropout(p), nn.Linear(hidden, n_out))
        #self.apply(self.reset)
        #self.lookup.weight.data.copy_(weights)
        #self.lookup.weight.requires_grad_(False)
        # end

    @staticmethod
    def reset(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.xavier_uniform_(module.weight)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)

    def forward(self, word):
        return self.body(self.lookup(word))


# In[5]:
def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        x, y = data.tensors
        logits = model(x)
        return nn.functional.cross_entropy(logits, y).item(), (logits.argmax(-1) == y).float().mean().item()


model = DrawerNet(vectors, len(names))
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3, weight_decay=0.05)
for epoch in range(15):
    model.train()
    for x, y in DataLoader(train, batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 2:
        (a, b), (c, d) = accuracy(model, train), accuracy(model, held_out)
        print(f"epoch {epoch + 1:2d}  train {a:.3f} / {b:.3f}   held out {c:.3f} / {d:.3f}")

# In[6]:
majority = Counter(labels[:cut].tolist()).most_common(1)[0][0]
print(f"majority drawer would give {(labels[cut:] == majority).float().mean().item():.3f}")
print(f"held-out accuracy {accuracy(model, held_out)[1]:.3f}")
