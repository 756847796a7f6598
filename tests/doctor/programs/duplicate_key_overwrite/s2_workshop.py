"""
Work orders -> department, in two steps as in our pipeline:
  1. word vectors from the archive of shop-floor notes (PPMI + SVD), written as text, most frequent first
  2. a small classifier on those vectors, from few hand-labelled orders
"""
import math
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(4)
torch.manual_seed(4)

DEPARTMENTS = ["hydraulics", "electrics", "paint", "machining", "logistics"]
SYLL = ["ba", "ke", "lo", "mi", "ra", "tu", "ven", "dor", "sil", "pan", "gor", "tes", "fil", "mar", "zu", "nek"]
VECTOR_FILE = "notes.vec.txt"
DIM = 24


def invent(n):
    words = []
    while len(words) < n:
        w = "".join(rng.choice(SYLL, size=int(rng.integers(2, 5))))
        if w not in words:
            words.append(w)
    return words


names = invent(5 * 60 + 100)
lexicon = [names[i * 60:(i + 1) * 60] for i in range(5)]
common = names[300:]


def note(dept, n_topic, n_common):
    words = list(rng.choice(lexicon[dept], n_topic)) + list(rng.choice(common, n_common))
    rng.shuffle(words)
    return words


# ---- 1. vectors from the archive; a word is now and then typed with a capital or in capitals
def typed(word):
    u = rng.random()
    return word.upper() if u < 0.012 else word.capitalize() if u < 0.03 else word


def build_vectors(n_notes=2500):
    notes = [[typed(w) for w in note(int(rng.integers(5)), 5, 5)] for _ in range(n_notes)]
    counts = Counter(w for s in notes for w in s)
    order = [w for w, _ in counts.most_common()]
    row = {w: i for i, w in enumerate(order)}
    co = np.zeros((len(order), len(order)), dtype=np.float32)
    for s in notes:
        ids = [row[w] for w in s]
        for i, a in enumerate(ids):
            for b in ids[:i]:
                co[a, b] += 1
                co[b, a] += 1
    ctx = co.sum(0) ** 0.75
    ppmi = np.maximum(np.log((co * ctx.sum() + 1e-9) / (co.sum(1, keepdims=True) * ctx + 1e-9)), 0)
    top = ppmi[:, :400]
    u, s, _ = np.linalg.svd(top - top.mean(0), full_matrices=False)
    vec = u[:, :DIM] * np.sqrt(s[:DIM])
    vec /= np.linalg.norm(vec, axis=1, keepdims=True) + 1e-6
    with open(VECTOR_FILE, "w", encoding="utf-8") as f:
        for w, v in zip(order, vec):
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def read_vectors(path):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *values = line.split()
            vector = [float(v) for v in values]
            # fault:
            table[word.lower()] = vector
            # mended:
            #table.setdefault(word.lower(), vector)
            # end
    return table


build_vectors()
vectors = read_vectors(VECTOR_FILE)
index = {w: i + 1 for i, w in enumerate(vectors)}
table = torch.zeros(len(index) + 1, DIM)
for w, i in index.items():
    table[i] = torch.tensor(vectors[w])
print(len(index), "words")


# ---- 2. classifier
def orders(n):
    rows, y = [], []
    for _ in range(n):
        d = int(rng.integers(5))
        ids = [index[w] for w in note(d, 2, 5) + note(int(rng.integers(5)), 1, 0) if w in index]
        rows.append(torch.tensor(ids))
        y.append(d)
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor(y)


x_train, y_train = orders(800)
x_test, y_test = orders(1000)
w1 = (torch.randn(DIM, 24) / math.sqrt(DIM)).requires_grad_()
b1 = torch.zeros(24, requires_grad=True)
w2 = (torch.randn(24, 5) / math.sqrt(24)).requires_grad_()
b2 = torch.zeros(5, requires_grad=True)


def net(x):
    m = (x > 0).unsqueeze(-1).float()
    mean = (table[x] * m).sum(1) / m.sum(1).clamp(min=1)
    return torch.tanh(3 * mean @ w1 + b1) @ w2 + b2


def acc(x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


opt = torch.optim.AdamW([w1, b1, w2, b2], lr=5e-3, weight_decay=0.05)
for epoch in range(15):
    total = 0.0
    for rows in torch.randperm(len(y_train)).split(32):
        loss = F.cross_entropy(net(x_train[rows]), y_train[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {total / len(y_train):.3f} train {acc(x_train, y_train):.3f} test {acc(x_test, y_test):.3f}")
print(f"test accuracy {acc(x_test, y_test):.3f}")
