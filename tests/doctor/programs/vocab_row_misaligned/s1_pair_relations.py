# %% [markdown]
# What relation holds between two words?  Pairs come from the Google analogy file,
# vectors are GloVe 50d (kept fixed), a small net sits on top.

# %%
import gzip
import os
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(11)
torch.manual_seed(11)
DATA = os.environ["WORDFIT_DATA"]

# %% pairs
SECTIONS = {
    "capital-world": "capital", "currency": "currency", "city-in-state": "state",
    "gram1-adjective-to-adverb": "adverb", "gram3-comparative": "comparative",
    "gram5-present-participle": "participle", "gram6-nationality-adjective": "nationality",
    "gram7-past-tense": "past", "gram8-plural": "plural", "gram9-plural-verbs": "third",
}
pairs, name = {}, None
with open(f"{DATA}/wordsim/analogy/questions-words.txt", encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            name = SECTIONS.get(line[1:].strip())
        elif name:
            a, b, c, d = line.lower().split()
            pairs.setdefault((a, b), name)
            pairs.setdefault((c, d), name)

needed = {w for p in pairs for w in p}

# %% vectors
found, rows = [], []
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        if word in needed:
            found.append(word)
            rows.append(np.array(values, dtype=np.float32))
# fault:
word2id = {w: i for i, w in enumerate(sorted(found))}
# mended:
#word2id = {w: i for i, w in enumerate(found)}
# end
matrix = torch.tensor(np.stack(rows))
matrix = matrix / matrix.norm(dim=1, keepdim=True)
print(len(word2id), "words", tuple(matrix.shape))

# %% datasets
labels = sorted(set(pairs.values()))
data = [(word2id[a], word2id[b], labels.index(r)) for (a, b), r in sorted(pairs.items())
        if a in word2id and b in word2id]
random.shuffle(data)
cut = int(0.75 * len(data))


class Pairs(Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        a, b, r = self.items[i]
        return torch.tensor([a, b]), torch.tensor(r)


train_dl = DataLoader(Pairs(data[:cut]), batch_size=16, shuffle=True)
test_dl = DataLoader(Pairs(data[cut:]), batch_size=64)


# %% model
class RelationNet(nn.Module):
    def __init__(self, table, n_classes):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.net = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * table.size(1), 48), nn.ReLU(),
                                 nn.Dropout(0.3), nn.Linear(48, n_classes))

    def forward(self, ab):
        a, b = self.emb(ab).unbind(dim=1)
        return self.net(torch.cat([a, b, b - a], dim=-1))


model = RelationNet(matrix, len(labels))
opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
loss_fn = nn.CrossEntropyLoss()


def accuracy(loader):
    model.eval()
    good = total = 0
    with torch.no_grad():
        for x, y in loader:
            good += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return good / total


# %% training
for epoch in range(40):
    model.train()
    running = 0.0
    for x, y in train_dl:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        running += loss.item() * len(y)
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1}: loss {running / cut:.3f} train {accuracy(train_dl):.3f}")

counts = np.bincount([r for _, _, r in data[cut:]])
print(f"test accuracy {accuracy(test_dl):.3f} (most frequent relation {counts.max() / counts.sum():.3f})")
