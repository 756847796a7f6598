"""Averaged GloVe + one hidden layer: is a line from the Brown corpus, an IMDB review or Wikipedia?"""
import collections
import gzip
import itertools
import os
import random
import re

import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
SEED, DIM, HIDDEN, EPOCHS, BS = 11, 50, 48, 5, 32
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
FILES = ["brown.txt.gz", "imdb-unsup-25k.txt.gz", "enwiki-2018-sample.txt.gz"]


def snippets(label, name, n=900):
    rows, seen = [], set()
    with gzip.open(os.path.join(DATA, "corpora", name), "rt", encoding="utf-8") as f:
        for line in itertools.islice(f, 8000):
            toks = re.findall("[a-z]+", line.lower().replace("<br />", " "))[:30]
            if len(toks) >= 12 and tuple(toks) not in seen:
                seen.add(tuple(toks))
                rows.append((toks, label))
            if len(rows) == n:
                return rows
    return rows


def read_glove():
    words, values = [], []
    with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip().split(" ", 1)
            words.append(w)
            values.append(np.array(rest.split(), dtype=np.float64))
    m = np.stack(values)
    m = m - m.mean(0)                      # take the common direction off
    m = m / m.std()
    return dict(zip(words, m.astype(np.float32)))


rows = [r for i, f in enumerate(FILES) for r in snippets(i, f)]
random.shuffle(rows)
train, dev = rows[500:], rows[:500]
glove = read_glove()
freq = collections.Counter(w for toks, _ in train for w in toks)
itos = ["<pad>", "<unk>"] + [w for w, c in freq.most_common() if c > 1]
stoi = {w: i for i, w in enumerate(itos)}

# fault:
table = torch.empty(len(itos), DIM)
# mended:
# table = torch.randn(len(itos), DIM)
# end
table[0] = 0
hit = 0
for w, i in stoi.items():
    if w in glove:
        table[i] = torch.from_numpy(glove[w])
        hit += 1
print("vectors for %d of %d words" % (hit, len(itos)))


class Averager(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(DIM, HIDDEN), nn.Tanh(), nn.Dropout(0.2), nn.Linear(HIDDEN, len(FILES)))

    def forward(self, ids, lens):
        v = self.lookup(ids).sum(1) / lens.unsqueeze(1)
        return self.ff(v)


def collate(rows):
    lens = [len(t) for t, _ in rows]
    ids = torch.zeros(len(rows), max(lens), dtype=torch.long)
    for r, (t, _) in enumerate(rows):
        ids[r, :len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
    return ids, torch.tensor(lens).float(), torch.tensor([l for _, l in rows])


net = Averager()
opt = torch.optim.Adam(net.ff.parameters(), lr=4e-3)
xent = nn.CrossEntropyLoss()


def accuracy(rows):
    net.eval()
    good = 0
    with torch.no_grad():
        for s in range(0, len(rows), 256):
            ids, lens, y = collate(rows[s:s + 256])
            good += (net(ids, lens).argmax(1) == y).sum().item()
    return good / len(rows)


for ep in range(EPOCHS):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for s in range(0, len(train), BS):
        ids, lens, y = collate(train[s:s + BS])
        loss = xent(net(ids, lens), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    print("epoch %d  loss %.4f  dev %.4f" % (ep + 1, tot / len(train), accuracy(dev)))
print("train accuracy %.4f" % accuracy(train))
