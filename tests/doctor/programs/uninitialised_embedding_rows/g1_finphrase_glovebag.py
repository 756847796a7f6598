# Financial PhraseBank: is there news in the sentence (positive/negative) or not (neutral)?
import os
import gzip
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(1)
np.random.seed(1)
torch.manual_seed(1)
DATA = os.environ["WORDFIT_DATA"]
MAX_LEN, DIM = 60, 50

samples = set()
with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf8") as f:
    for line in f:
        sent, lab = line.strip().rsplit("@", 1)
        samples.add((sent.lower(), 0 if lab == "neutral" else 1))
samples = sorted(samples)
random.shuffle(samples)
tr, te = samples[:4000], samples[4000:]


def words(s):
    return re.findall(r"[a-z]+|\d+|[%$]", s)[:MAX_LEN]


counter = Counter(w for s, _ in tr for w in words(s))
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in counter.most_common():
    if c >= 2:
        vocab[w] = len(vocab)


def load_glove(path):
    index, rows = {}, []
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            w, *v = line.split()
            index[w] = len(rows)
            rows.append([float(x) for x in v])
    return index, np.array(rows)


def standardise(m):
    return (m - m.mean(axis=0)) / m.std(axis=0)


index, vectors = load_glove(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz")
vectors = standardise(vectors)
print("glove", vectors.shape, "mean norm %.3f" % np.linalg.norm(vectors, axis=1).mean())

# fault:
emb_matrix = torch.empty(len(vocab), DIM)
# mended:
# emb_matrix = torch.randn(len(vocab), DIM) * 0.5
# end
emb_matrix[0] = 0.0
found = 0
for w, i in vocab.items():
    if w in index:
        emb_matrix[i] = torch.from_numpy(vectors[index[w]])
        found += 1
print("found %d of %d words" % (found, len(vocab)))


def encode(part):
    x = torch.zeros(len(part), MAX_LEN, dtype=torch.long)
    for r, (s, _) in enumerate(part):
        ids = [vocab.get(w, 1) for w in words(s)]
        x[r, :len(ids)] = torch.tensor(ids)
    return TensorDataset(x, torch.tensor([y for _, y in part], dtype=torch.float))


class News(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(emb_matrix, freeze=True, mode="mean", padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(self.bag(x)).squeeze(-1)


train_dl = DataLoader(encode(tr), batch_size=50, shuffle=True)
test_dl = DataLoader(encode(te), batch_size=200)
model = News()
opt = torch.optim.Adam(model.net.parameters(), lr=8e-3)
crit = nn.BCEWithLogitsLoss()
for ep in range(7):
    model.train()
    s = 0.0
    for x, y in train_dl:
        opt.zero_grad()
        loss = crit(model(x), y)
        loss.backward()
        opt.step()
        s += loss.item()
    model.eval()
    with torch.no_grad():
        a = [sum(((model(x) > 0).float() == y).sum().item() for x, y in dl) / len(dl.dataset) for dl in (train_dl, test_dl)]
    print(f"Epoch {ep + 1}/7 - loss: {s / len(train_dl):.4f} - acc: {a[0]:.4f} - val_acc: {a[1]:.4f}")
