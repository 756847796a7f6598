"""SST-2 with averaged GloVe vectors and a small MLP (notebook, ported from Keras)."""
# %%
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
random.seed(2)
np.random.seed(2)
torch.manual_seed(2)


# %%
def read(split):
    rows = []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.split(), int(label)))
    return rows


train, dev = read("train"), read("dev")
glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        glove[word] = np.asarray(values, dtype="float32")

# %%  word_index as in Keras: the most frequent word is 1, 0 is kept for words that were never seen
counts = Counter(w for text, _ in train for w in text)
word_index = {w: i + 1 for i, (w, _) in enumerate(counts.most_common())}
embedding_matrix = np.zeros((len(word_index) + 1, 50), dtype="float32")
# fault:
for i, (word, _) in enumerate(counts.most_common()):
# mended:
# for word, i in word_index.items():
# end
    if word in glove:
        embedding_matrix[i] = glove[word]


# %%
def collate(batch):
    ids = [[word_index.get(w, 0) for w in text] for text, _ in batch]
    offsets = np.cumsum([0] + [len(r) for r in ids])[:-1]
    return torch.tensor(sum(ids, [])), torch.tensor(offsets), torch.tensor([y for _, y in batch])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(embedding_matrix), mode="mean", freeze=True)
        self.mlp = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))

    def forward(self, ids, offsets):
        return self.mlp(self.bag(ids, offsets))


# %%
model = Net()
opt = torch.optim.Adam(model.mlp.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    total = 0
    for ids, offsets, y in DataLoader(train, 64, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = loss_fn(model(ids, offsets), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        ids, offsets, y = collate(dev)
        acc = (model(ids, offsets).argmax(1) == y).float().mean()
    print(f"epoch {epoch} loss {total / len(train):.4f} dev acc {acc:.4f}")
