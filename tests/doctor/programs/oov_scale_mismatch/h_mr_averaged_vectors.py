"""Movie review polarity (Pang & Lee) with averaged word2vec vectors and a small MLP. The vectors stay fixed."""
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn

np.random.seed(0)
torch.manual_seed(0)
root = os.environ["WORDFIT_DATA"]
DIM = 300


def load_reviews():
    texts, labels = [], []
    for label, name in enumerate(("rt-polarity.neg", "rt-polarity.pos")):
        with open(f"{root}/sentiment/MR/{name}", encoding="latin-1") as f:
            for line in f:
                words = re.findall(r"[a-z']+", line.lower())
                if words:
                    texts.append(words)
                    labels.append(label)
    return texts, np.array(labels)


def load_vectors(needed):
    vecs = {}
    with gzip.open(f"{root}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
        next(f)                                     # "13598 300"
        for line in f:
            word, rest = line.split(" ", 1)
            if word in needed:
                vecs[word] = np.fromstring(rest, sep=" ", dtype=np.float32)
    return vecs


texts, labels = load_reviews()
word_to_id = {"<pad>": 0}
for words in texts:
    for w in words:
        word_to_id.setdefault(w, len(word_to_id))
vectors = load_vectors(word_to_id)
matrix = np.zeros((len(word_to_id), DIM), dtype=np.float32)
missing = 0
for w, i in word_to_id.items():
    if i == 0:
        continue
    if w in vectors:
        matrix[i] = vectors[w]
    else:
        missing += 1
        # fault:
        matrix[i] = np.random.randn(DIM)
        # mended:
        # matrix[i] = np.random.uniform(-0.25, 0.25, DIM)
        # end
print(f"{len(texts)} reviews, {len(word_to_id)} words, {missing} without a vector")

MAXLEN = max(map(len, texts))
ids = np.zeros((len(texts), MAXLEN), dtype=np.int64)
for row, words in enumerate(texts):
    ids[row, :len(words)] = [word_to_id[w] for w in words]
perm = np.random.permutation(len(texts))
ids, labels = torch.from_numpy(ids[perm]), torch.from_numpy(labels[perm])
n_test = 1500
train_ids, train_y, test_ids, test_y = ids[n_test:], labels[n_test:], ids[:n_test], labels[:n_test]


class Averager(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), mode="mean", padding_idx=0)      # frozen
        self.mlp = nn.Sequential(nn.Linear(DIM, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 2))

    def forward(self, x):
        return self.mlp(self.words(x))                # padding_idx is left out of the mean


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (torch.cat([model(b) for b in x.split(500)]).argmax(1) == y).float().mean().item()


model = Averager(matrix)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train_y)).split(64):
        loss = loss_fn(model(train_ids[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    print(f"epoch {epoch + 1}  loss {total / len(train_y):.4f}")
print(f"train accuracy {accuracy(model, train_ids, train_y):.3f}  test accuracy {accuracy(model, test_ids, test_y):.3f}")
