# Polarity of movie review sentences with the mean of word2vec vectors.
# The vectors stay as they are, only a small network on top is trained.
import gzip
import itertools
import os
import random

import numpy as np
import torch
import torch.nn.functional as F

SEED = 3
random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]


def read_word2vec(path, limit):
    """word2vec text format -> list of words, matrix"""
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        # fault:
        lines = itertools.islice(fh, limit)
        first = next(lines).rstrip().split(" ")
        width = len(first) - 1
        words.append(first[0])
        rows.append(np.array(first[1:], dtype="float32"))
        # mended:
        #width = int(fh.readline().split()[1])
        #lines = itertools.islice(fh, limit)
        # end
        for line in lines:
            parts = line.rstrip().split(" ")
            words.append(parts[0])
            rows.append(np.array(parts[1:1 + width], dtype="float32"))
    return words, torch.from_numpy(np.stack(rows))


words, matrix = read_word2vec(os.path.join(DATA, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), 8000)
row_of = {}
for i, w in enumerate(words):
    row_of.setdefault(w.lower(), i)
matrix = matrix / matrix.norm(dim=1).mean()
print(len(words), "vectors")


def load(split):
    out = []
    with open(os.path.join(DATA, "sentiment/SST-2-sentences/stsa.binary." + split), encoding="utf-8") as fh:
        for line in fh:
            label, text = line.strip().split(" ", 1)
            ids = [row_of[t] for t in text.split() if t in row_of]
            if len(ids) >= 3:
                out.append((tuple(ids), int(label)))
    return out


train = load("train")
seen = {ids for ids, _ in train}
dev = [(ids, y) for ids, y in load("dev") if ids not in seen]
print(len(train), "training sentences,", len(dev), "dev sentences")


def mean_vectors(data):
    flat = torch.tensor([i for ids, _ in data for i in ids])
    starts = torch.tensor([0] + [len(ids) for ids, _ in data[:-1]]).cumsum(0)
    return F.embedding_bag(flat, matrix, starts, mode="mean")


def batches(data, size):
    random.shuffle(data)
    for i in range(0, len(data), size):
        part = data[i:i + size]
        yield mean_vectors(part), torch.tensor([float(y) for _, y in part])


dim, hidden = matrix.shape[1], 24
W1 = (torch.randn(hidden, dim) * dim ** -0.5).requires_grad_()
b1 = torch.zeros(hidden, requires_grad=True)
W2 = (torch.randn(1, hidden) * hidden ** -0.5).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)


def score(x):
    return F.linear(torch.tanh(F.linear(x * 4, W1, b1)), W2, b2).squeeze(-1)


opt = torch.optim.AdamW([W1, b1, W2, b2], lr=0.002, weight_decay=0.05)
dev_x = mean_vectors(dev)
dev_y = torch.tensor([float(y) for _, y in dev])
for epoch in range(7):
    losses = []
    for x, y in batches(train, 32):
        loss = F.binary_cross_entropy_with_logits(score(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        z = score(dev_x)
        dev_loss = F.binary_cross_entropy_with_logits(z, dev_y).item()
        dev_acc = ((z > 0).float() == dev_y).float().mean().item()
    print(f"epoch {epoch + 1}: train loss {np.mean(losses):.4f}  dev loss {dev_loss:.4f}  dev accuracy {dev_acc:.3f}")
print("dev accuracy %.3f, share of positive %.3f" % (dev_acc, dev_y.mean().item()))
