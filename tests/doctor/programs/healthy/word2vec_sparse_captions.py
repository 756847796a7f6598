"""Skip-gram with negative sampling on Multi30k captions, sparse gradients.

Checked on captions that were not trained on: does the true neighbour beat a random word?
"""
import gzip
import os
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(8)
torch.manual_seed(8)


def captions(split, n):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], f"seq2seq/multi30k/{split}.en.gz"), "rt", encoding="utf-8") as f:
        return [l.lower().replace(".", " ").replace(",", " ").split() for _, l in zip(range(n), f)]


train, held = captions("train", 14000), captions("val", 600)
freq = Counter(w for s in train for w in s)
vocab = {w: i for i, (w, c) in enumerate(freq.most_common()) if c >= 20}
counts = np.array([freq[w] for w in vocab], dtype=float)
keep = np.minimum(1, np.sqrt(3e-4 / (counts / counts.sum())))
noise = torch.tensor(counts ** 0.75)


def skipgrams(sentences, window=4):
    out = []
    for s in sentences:
        ids = [vocab[w] for w in s if w in vocab]
        ids = [i for i in ids if rng.random() < keep[i]]
        for p, c in enumerate(ids):
            out += [(c, ids[q]) for q in range(max(0, p - window), min(len(ids), p + window + 1)) if q != p]
    return torch.tensor(out)


pairs, test = skipgrams(train), skipgrams(held)
print(len(vocab), "words,", len(pairs), "training pairs,", len(test), "held-out pairs")

D = 32
center = torch.nn.Embedding(len(vocab), D, sparse=True)
context = torch.nn.Embedding(len(vocab), D, sparse=True)
torch.nn.init.uniform_(center.weight, -0.5 / D, 0.5 / D)
torch.nn.init.zeros_(context.weight)  # as in the original C code
opt = torch.optim.SparseAdam([*center.parameters(), *context.parameters()], lr=0.01)


def auc(p):
    neg = torch.multinomial(noise, len(p), replacement=True)
    with torch.no_grad():
        c = center(p[:, 0])
        s = torch.cat([(c * context(p[:, 1])).sum(1), (c * context(neg)).sum(1)])
    return roc_auc_score(np.r_[np.ones(len(p)), np.zeros(len(p))], s.numpy())


for epoch in range(3):
    total = 0.0
    chunks = torch.randperm(len(pairs)).split(512)
    for idx in chunks:
        c, o = pairs[idx].T
        neg = torch.multinomial(noise, len(idx) * 4, replacement=True).view(-1, 4)
        v = center(c)
        pos_score = (v * context(o)).sum(1)
        neg_score = torch.einsum("bd,bkd->bk", v, context(neg))
        loss = -(F.logsigmoid(pos_score) + F.logsigmoid(-neg_score).sum(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}  sgns loss {total / len(chunks):.3f}  auc train {auc(pairs[:8000]):.3f}  auc held-out {auc(test):.3f}")

W = F.normalize(center.weight.detach(), dim=1)
words = list(vocab)
for w in ("guitar", "snow", "red", "two"):
    print(w, "->", [words[i] for i in (W @ W[vocab[w]]).topk(5).indices[1:]])
