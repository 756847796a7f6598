"""Route support tickets to a desk by the mean of (static) word vectors.

The vectors come in a word2vec text file, most frequent forms first, as exported by the search team.
"""
import io
import random
import string
import numpy as np
import torch
import torch.nn as nn

DIM, DESKS = 20, ["billing", "network", "hardware", "accounts", "shipping"]
rnd = random.Random(77)
nrng = np.random.default_rng(77)
torch.manual_seed(77)


def make_word():
    return "".join(rnd.choice("bcdfgklmnprstvz") + rnd.choice("aeiou") for _ in range(rnd.randint(2, 4)))


vocabulary = {}
while len(vocabulary) < 900:
    vocabulary.setdefault(make_word(), rnd.choice(DESKS + [None, None, None]))
names = list(vocabulary)


def export_vectors():
    """the file: counts fall from top to bottom; shouted and title forms are rare, their vectors little trained"""
    centre = {d: nrng.normal(0, 0.35, DIM) for d in DESKS}
    centre[None] = np.zeros(DIM)
    rows = [(w, centre[vocabulary[w]] + nrng.normal(0, 0.6, DIM)) for w in names]
    variants = [v for w in names for v in (w.capitalize(), w.upper()) if rnd.random() < 0.7]
    rows += [(v, nrng.normal(0, 0.6, DIM)) for v in variants]
    out = io.StringIO()
    out.write(f"{len(rows)} {DIM}\n")
    for w, v in rows:
        out.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")
    out.seek(0)
    return out


def read_vectors(handle):
    n, dim = map(int, handle.readline().split())
    table = {}
    for line in handle:
        word, *values = line.split()
        # fault:
        table[word.lower()] = np.array(values, dtype=np.float32)
        # mended:
        # table.setdefault(word.lower(), np.array(values, dtype=np.float32))
        # end
    return table


by_desk = {d: [w for w in names if vocabulary[w] == d] for d in DESKS}
filler = [w for w in names if vocabulary[w] is None]


def ticket(desk):
    n = rnd.randint(6, 16)
    words = [rnd.choice(by_desk[desk]) if rnd.random() < 0.3 else
             rnd.choice(filler) if rnd.random() < 0.8 else rnd.choice(names) for _ in range(n)]
    return " ".join(words).capitalize() + rnd.choice([".", "!", " ?"])


def tokens(text):
    return text.lower().translate(str.maketrans("", "", string.punctuation)).split()


wv = read_vectors(export_vectors())
labels = [rnd.randrange(len(DESKS)) for _ in range(5000)]
texts = [ticket(DESKS[k]) for k in labels]
assert len(set(texts)) == len(texts)
X = torch.from_numpy(np.stack([np.mean([wv[t] for t in tokens(s) if t in wv], axis=0) for s in texts]))
y = torch.tensor(labels)
n_train = 4000
mu, sd = X[:n_train].mean(0), X[:n_train].std(0)
X = (X - mu) / sd

clf = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, len(DESKS)))
optim = torch.optim.AdamW(clf.parameters(), lr=3e-3, weight_decay=1e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(8):
    clf.train()
    losses = []
    for idx in torch.randperm(n_train).split(50):
        optim.zero_grad()
        loss = ce(clf(X[idx]), y[idx])
        loss.backward()
        optim.step()
        losses.append(loss.item())
    clf.eval()
    with torch.no_grad():
        pred = clf(X).argmax(1)
    a, b = (pred[:n_train] == y[:n_train]).float().mean(), (pred[n_train:] == y[n_train:]).float().mean()
    print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}  train {a:.3f}  held-out {b:.3f}")
