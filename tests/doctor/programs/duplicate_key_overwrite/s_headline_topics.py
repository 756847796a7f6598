#!/usr/bin/env python
# Topic of news headlines with the in-house word vectors (cased, most frequent form first, as word2vec writes them).
# The dump is not public, so for this repo a stand-in with the same make-up is generated below.
import os, random, tempfile
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 2024
rng = np.random.RandomState(SEED)
random.seed(SEED)
torch.manual_seed(SEED)

TOPICS = ["finance", "sport", "health", "politics", "travel"]
DIM = 40
syll = ["ba", "ren", "tol", "mi", "sak", "du", "fe", "lor", "ni", "gra", "pe", "vo", "zin", "ha", "cul", "ty"]

def invent(n):
    seen = set()
    while len(seen) < n:
        seen.add("".join(random.choice(syll) for _ in range(random.randint(2, 4))))
    words = sorted(seen)
    random.shuffle(words)
    return words

# --- stand-in for the dump
words = invent(1500)
per = 160
topic_words = {t: words[i * per:(i + 1) * per] for i, t in enumerate(TOPICS)}
filler = words[len(TOPICS) * per:]
centres = rng.randn(len(TOPICS), DIM)
lines = []
for i, t in enumerate(TOPICS):
    for w in topic_words[t]:
        lines.append((w, 0.55 * centres[i] + 0.8 * rng.randn(DIM)))
for w in filler:
    lines.append((w, 0.8 * rng.randn(DIM)))
rng.shuffle(order := np.arange(len(lines)))
lines = [lines[i] for i in order]
# the tail of the file: shouting and sentence-initial forms, seen a handful of times, hardly trained
tail = []
for w, _ in lines:
    if random.random() < 0.9:
        tail.append((w.upper() if random.random() < 0.5 else w.capitalize(), 0.8 * rng.randn(DIM)))
path = os.path.join(tempfile.mkdtemp(), "vectors_cased.txt")
with open(path, "w") as f:
    for w, v in lines + tail:
        f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")

# ------------------------------------------------------------------ data
def headline(t):
    k = random.randint(3, 5)
    toks = random.choices(topic_words[t], k=k) + random.choices(filler, k=random.randint(3, 7))
    random.shuffle(toks)
    toks[0] = toks[0].capitalize()
    return " ".join(toks)

rows = [(headline(TOPICS[i % 5]), i % 5) for i in range(2500)]
random.shuffle(rows)
train_rows, test_rows = rows[:2000], rows[2000:]

def load_vectors(fname):
    table = {}
    with open(fname) as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            w = w.lower()                       # headlines are lower-cased as well
            # fault:
            table[w] = np.asarray(v, dtype=np.float32)
            # mended:
            # if w not in table:
            #     table[w] = np.asarray(v, dtype=np.float32)
            # end
    return table

vec = load_vectors(path)
vocab = {w: i + 1 for i, w in enumerate(vec)}
weights = torch.zeros(len(vocab) + 1, DIM)
for w, i in vocab.items():
    weights[i] = torch.from_numpy(vec[w])
print(len(vocab), "words with a vector")

MAXLEN = 12

def tensors(rows):
    X = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for r, (text, _) in enumerate(rows):
        ids = [vocab[w] for w in text.lower().split() if w in vocab][:MAXLEN]
        X[r, :len(ids)] = torch.tensor(ids)
    return TensorDataset(X, torch.tensor([y for _, y in rows]))

class HeadlineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(DIM, 32)
        self.drop = nn.Dropout(0.3)
        self.fc2 = nn.Linear(32, len(TOPICS))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        pooled = (self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.fc2(self.drop(torch.relu(self.fc1(pooled))))

def evaluate(net, ds):
    net.eval()
    X, y = ds.tensors
    with torch.no_grad():
        return (net(X).argmax(-1) == y).float().mean().item()

train_ds, test_ds = tensors(train_rows), tensors(test_rows)
net = HeadlineNet()
optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(1, 7):
    net.train()
    total = 0
    for xb, yb in DataLoader(train_ds, batch_size=50, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    print("epoch %d loss %.3f train acc %.3f test acc %.3f" % (epoch, total / len(train_ds), evaluate(net, train_ds), evaluate(net, test_ds)))
