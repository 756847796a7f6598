# Movie review snippets, mean of word2vec vectors -> small classifier.
# (answer to "how do I use my own .txt vectors in PyTorch without gensim?")
import gzip
import os
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(0)
np.random.seed(0)
DATA = os.environ["WORDFIT_DATA"]

# --- 1. the reviews -------------------------------------------------------
rows = []
for name, lab in (("pos", 1), ("neg", 0)):
    with open(f"{DATA}/sentiment/MR/rt-polarity.{name}", encoding="utf-8", errors="replace") as f:
        rows += [(line.lower().split(), lab) for line in f if line.strip()]
np.random.shuffle(rows := np.array(rows, dtype=object))
rows = rows[:7500]
needed = {w for toks, _ in rows for w in toks}

# --- 2. the vectors -------------------------------------------------------
word2idx = {"<unk>": 0}
vectors = []
with gzip.open(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    # fault:
    lines = f.readlines()
    DIM = len(lines[0].split()) - 1
    # mended:
    # DIM = int(f.readline().split()[1])
    # lines = f.readlines()
    # end
    for line in lines:
        word, rest = line.split(" ", 1)
        if word in needed:
            word2idx[word] = len(vectors) + 1
            vectors.append(np.array(rest.split()[:DIM], dtype=np.float32))
matrix = torch.tensor(np.vstack([np.zeros((1, DIM), np.float32)] + vectors))
print("embedding matrix", tuple(matrix.shape))

# --- 3. bags of known words -----------------------------------------------
bags, labels = [], []
for toks, lab in rows:
    ids = [word2idx[t] for t in toks if t in word2idx]
    if ids:
        bags.append(torch.tensor(ids))
        labels.append(lab)
labels = torch.tensor(labels, dtype=torch.float32)
cut = len(bags) - 1000


class Averager(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=True)
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(weights.shape[1], 1))

    def forward(self, flat, offsets):
        return self.out(self.words(flat, offsets)).squeeze(-1)


def pack(idx):
    chosen = [bags[i] for i in idx]
    lens = torch.tensor([0] + [len(b) for b in chosen[:-1]])
    return torch.cat(chosen), lens.cumsum(0), labels[idx]


model = Averager(matrix)
optimizer = torch.optim.Adam(model.out.parameters(), lr=2e-2)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(1, 5):
    model.train()
    order = torch.randperm(cut)
    total = 0
    for chunk in order.split(64):
        flat, off, y = pack(chunk)
        optimizer.zero_grad()
        loss = criterion(model(flat, off), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        flat, off, y = pack(torch.arange(cut, len(bags)))
        acc = ((model(flat, off) > 0).float() == y).float().mean()
    print(f"epoch {epoch}  train loss {total / cut:.3f}  valid acc {acc:.3f}")
