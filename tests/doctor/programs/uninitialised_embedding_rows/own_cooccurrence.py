"""Vectors from our own co-occurrence counts for the frequent words; topics by a linear model."""
import random

import numpy as np
import torch
from torch import nn

random.seed(30); np.random.seed(30); torch.manual_seed(30)
letters = "bcdfgklmnprst"
lex = sorted({random.choice(letters) + random.choice("aeiou") + random.choice(letters) + random.choice("aeiou") for _ in range(900)})
random.shuffle(lex)
topics = [lex[:40], lex[40:80], lex[80:120]]
common, rare = lex[120:220], lex[220:]


def doc(y):
    t = random.choices(common, k=random.randint(6, 12)) + random.choices(topics[y], k=random.randint(4, 6)) + random.choices(rare, k=random.randint(0, 2))
    random.shuffle(t)
    return t


docs = [(doc(i % 3), i % 3) for i in range(1500)]
random.shuffle(docs)
unlabelled, train, dev = [t for t, _ in docs[:900]], docs[900:1200], docs[1200:]
vocab = {w: i + 1 for i, w in enumerate(lex)}
V, D = len(lex) + 1, 32


def count(texts):
    counts = np.zeros((V, V), dtype=np.float32)
    for t in texts:
        ids = [vocab[w] for w in t]
        for a in ids:
            counts[a, ids] += 1.0
    return counts


def svd_vectors(counts, rows):
    sub = counts[np.ix_(rows, rows)]
    expected = sub.sum(0, keepdims=True) * sub.sum(1, keepdims=True) / sub.sum()
    ppmi = np.log(np.maximum(sub, 1e-6) / expected).clip(min=0)
    u, s, _ = np.linalg.svd(ppmi)
    v = u[:, :D] * np.sqrt(s[:D])
    return (v * 0.4 / v.std()).astype(np.float32)


def smoothed(counts, width):
    """Mean count in windows of the frequency list, for a look at the distribution."""
    total = np.zeros((V, width), dtype=np.float32)
    for k in range(6):
        block = counts[:, k * width:(k + 1) * width] * 50.0 + 1.0
        total = total + block
    return float(total.mean())


counts = count(unlabelled)
frequent = [vocab[w] for w in sum(topics, []) + common]
vectors = svd_vectors(counts, frequent)
print(f"mean count {smoothed(counts, D):.2f}, {len(frequent)} of {V} words have a vector")
# fault:
matrix = np.empty((V, D), dtype=np.float32)
# mended:
# matrix = np.random.normal(0, 0.4, (V, D)).astype(np.float32)
# end
matrix[0] = 0
matrix[frequent] = vectors

table = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
linear = nn.Linear(D, 3)


def logits(rows):
    n = max(len(t) for t, _ in rows)
    x = torch.tensor([[vocab[w] for w in t] + [0] * (n - len(t)) for t, _ in rows])
    return linear(table(x).sum(1) / x.ne(0).sum(1, keepdim=True)), torch.tensor([y for _, y in rows])


opt = torch.optim.Adam(linear.parameters(), lr=0.03)
for epoch in range(12):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 300, 20):
        out, y = logits(train[i:i + 20])
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 15
    with torch.no_grad():
        out, y = logits(dev)
    print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(out.argmax(1) == y).float().mean().item():.4f}")
