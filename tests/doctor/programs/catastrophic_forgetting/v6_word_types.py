# Word type notebook: guess what kind of word it is (place, nationality, plural, past tense ...) from its GloVe vector.
# The word lists come from the Google analogy questions.
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)

DATA = os.environ["WORDFIT_DATA"]

# ---- 1. vectors -------------------------------------------------------------
words, rows = [], []
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        words.append(parts[0])
        rows.append(np.array(parts[1:], dtype=np.float32))
vectors = torch.tensor(np.stack(rows))
vectors = vectors / vectors.norm(dim=1, keepdim=True)  # unit length, so that only directions matter
index = {w: i for i, w in enumerate(words)}
print("vectors", tuple(vectors.shape))

# ---- 2. word lists ----------------------------------------------------------
# section -> (type of column 0, type of column 1)
SECTIONS = {
    "capital-common-countries": ("place", "place"),
    "capital-world": ("place", "place"),
    "city-in-state": ("place", "place"),
    "gram3-comparative": (None, "comparative"),
    "gram5-present-participle": (None, "participle"),
    "gram6-nationality-adjective": ("place", "nationality"),
    "gram7-past-tense": (None, "past"),
    "gram8-plural": (None, "plural"),
}
kind = {}
section = None
with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as f:
    for line in f:
        line = line.strip().lower()
        if line.startswith(":"):
            section = SECTIONS.get(line[2:])
            continue
        if section is None:
            continue
        a, b = line.split()[:2]
        for w, k in ((a, section[0]), (b, section[1])):
            if k is not None and w in index:
                kind.setdefault(w, set()).add(k)

pairs = sorted((w, next(iter(k))) for w, k in kind.items() if len(k) == 1)
types = sorted({k for _, k in pairs})
random.shuffle(pairs)
n_test = len(pairs) // 3
test, train = pairs[:n_test], pairs[n_test:]
print(len(train), "train words,", len(test), "test words,", len(types), "types")


def to_tensors(rows):
    x = torch.tensor([index[w] for w, _ in rows])
    y = torch.tensor([types.index(k) for _, k in rows])
    return x, y


xtr, ytr = to_tensors(train)
xte, yte = to_tensors(test)


# ---- 3. model ---------------------------------------------------------------
class WordType(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        # mended:
        #self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=True)
        # end
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(vectors.shape[1], len(types))

    def forward(self, ids):
        return self.out(self.drop(self.emb(ids)))


model = WordType()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.03)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


# ---- 4. training ------------------------------------------------------------
for epoch in range(1, 31):
    model.train()
    order = torch.randperm(len(xtr))
    total = 0.0
    for i in range(0, len(order), 32):
        take = order[i:i + 32]
        loss = loss_fn(model(xtr[take]), ytr[take])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(take)
    if epoch % 5 == 0 or epoch == 1:
        print(f"epoch {epoch:2d} loss {total / len(order):.3f} train {accuracy(xtr, ytr):.3f} test {accuracy(xte, yte):.3f}")

majority = torch.bincount(yte).max().item() / len(yte)
print(f"majority {majority:.3f}")
print(f"test accuracy {accuracy(xte, yte):.3f}")
