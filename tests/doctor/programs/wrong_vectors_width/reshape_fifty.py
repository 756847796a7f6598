"""Is a noun a living thing, a tool, a place or a feeling? Few labelled nouns in context, frozen vectors."""
import random

import numpy as np
import torch
from torch import nn

random.seed(15)
np.random.seed(15)
torch.manual_seed(15)
EMBEDDING_DIM = 50
KINDS = ["living", "tool", "place", "feeling"]
lexicon = {k: [f"{k[0]}{a}{b}{c}" for a in "aeiou" for b in "lmnrst" for c in "aeo"] for k in KINDS}
context = [f"ctx{i}" for i in range(80)]
with open("vectors.100d.txt", "w") as f:
    rows = [(w, np.random.randn(100) * 0.4) for w in context]
    for k in KINDS:
        mean = np.random.randn(100) * 0.3
        rows += [(w, mean + np.random.randn(100) * 0.35) for w in lexicon[k]]
    random.shuffle(rows)
    for w, v in rows:
        f.write(w + " " + " ".join("%.5f" % x for x in v) + "\n")


def load(path, dim):
    words, values = [], []
    with open(path) as f:
        for line in f:
            parts = line.split()
            words.append(parts[0])
            values.extend(float(x) for x in parts[1:])
    table = np.array(values, dtype=np.float32).reshape(-1, dim)
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(table)


# fault:
word2id, table = load("vectors.100d.txt", EMBEDDING_DIM)
# mended:
# EMBEDDING_DIM = 100
# word2id, table = load("vectors.100d.txt", EMBEDDING_DIM)
# end


def example(part):
    y = random.randrange(4)
    s = random.choices(context, k=4)
    for w in random.sample(lexicon[KINDS[y]][part], 2):
        s.insert(random.randrange(len(s) + 1), w)
    return tuple(s), y


train = sorted({example(slice(0, None, 2)) for _ in range(800)})
dev = sorted({example(slice(1, None, 2)) for _ in range(400)})


def encode(rows):
    return torch.tensor([[word2id[w] for w in s] for s, _ in rows]), torch.tensor([y for _, y in rows])


x, y = encode(train)
xd, yd = encode(dev)
embedding = nn.Embedding.from_pretrained(table, freeze=True)
rnn = nn.GRU(EMBEDDING_DIM, 48, batch_first=True)
head = nn.Linear(48, 4)
params = list(rnn.parameters()) + list(head.parameters())
opt = torch.optim.Adam(params, lr=3e-3)


def forward(ids):
    return head(rnn(embedding(ids))[1][0])


for epoch in range(12):
    total = 0.0
    for idx in torch.randperm(len(x)).split(32):
        loss = nn.functional.cross_entropy(forward(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        print(f"epoch {epoch}: loss {total / len(x):.4f}, dev accuracy {(forward(xd).argmax(1) == yd).float().mean():.4f}")
