"""Name tagging with lower-case vectors: the vector does not know the case, a tiny second table of word shapes does.
Sentences are made from templates; many names are also common words (Rose, Bush, Banks, Jordan)."""
import gzip
import os
import random

import torch
from torch import nn
from torch.nn.utils import rnn

random.seed(4)
torch.manual_seed(4)

PEOPLE = "Rose Bush Jordan Mark Bill Grant Baker Smith Taylor Hunter Grace Robin Frank Jack Miller Cooper Rice Brown".split()
PLACES = "London Paris China Georgia Washington Jordan Turkey Virginia Lincoln Victoria Berlin Texas Reading Orange Boston".split()
NOUNS = "rose bush mark bill grant baker hunter turkey rice reading orange house plan report bank market".split()
VERBS = "saw sold bought wanted found left praised".split()
TEMPLATES = [
    "The N was sold to P by a N .", "Mr. P V the N in L .", "P P V it in L .", "A N near L V the N .",
    "He flew to L with P .", "P told the press that the N was good .", "In L the N is dear , P said .",
    "Every N in L V a N .", "They V the N before P left L .", "The N and the N were big .", "N is good , said P P of L .",
]
TAGS = {"O": 0, "PER": 1, "LOC": 2}
SHAPES = {"lower": 0, "Title": 1, "UPPER": 2, "other": 3}


def sample():
    toks, tags = [], []
    for s in random.choice(TEMPLATES).split():
        pool = {"P": PEOPLE, "L": PLACES, "N": NOUNS, "V": VERBS}.get(s)
        toks.append(random.choice(pool) if pool else s)
        tags.append({"P": 1, "L": 2}.get(s, 0))
    toks[0] = toks[0][0].upper() + toks[0][1:]
    if random.random() < .1:                       # headlines
        toks = [t.upper() for t in toks]
    return toks, tags


def shape(w):
    if w.isupper() and len(w) > 1:
        return SHAPES["UPPER"]
    return SHAPES["Title"] if w[0].isupper() else SHAPES["lower"] if w.islower() else SHAPES["other"]


corpus = []
seen = set()
while len(corpus) < 2000:
    t, g = sample()
    if (k := " ".join(t)) not in seen:
        seen.add(k)
        corpus.append((t, g))
train, dev = corpus[:1600], corpus[1600:]

types = sorted({w.lower() for t, _ in corpus for w in t})
index = {w: i for i, w in enumerate(types)}
table = torch.zeros(len(types), 50)
found = set()
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, vals = line.split(" ", 1)
        if w in index:
            found.add(w)
            table[index[w]] = torch.tensor([float(v) for v in vals.split()])
print(f"{len(found)}/{len(types)} lower-cased types have a vector")


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("vectors", table)          # fixed
        self.shape = nn.Embedding(4, 4)
        self.lstm = nn.LSTM(54, 32, bidirectional=True)
        self.out = nn.Linear(64, 3)

    def forward(self, words, shapes):                   # PackedSequence in, flat logits out
        x = torch.cat([self.vectors[words.data], self.shape(shapes.data)], 1)
        y, _ = self.lstm(words._replace(data=x))
        return self.out(y.data)


def pack(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    p = lambda f: rnn.pack_sequence([torch.tensor(f(r)) for r in rows])
    return p(lambda r: [index[w.lower()] for w in r[0]]), p(lambda r: [shape(w) for w in r[0]]), p(lambda r: r[1]).data


def f1(pred, gold):
    tp = ((pred == gold) & (gold > 0)).sum().item()
    return 2 * tp / max(1, (pred > 0).sum().item() + (gold > 0).sum().item())


model, opt = Tagger(), None
opt = torch.optim.RMSprop(model.parameters(), lr=4e-3)
for epoch in range(1, 5):
    random.shuffle(train)
    if epoch > 2:
        opt.param_groups[0]["lr"] *= .3
    loss_sum = 0
    for i in range(0, len(train), 32):
        w, s, y = pack(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(w, s), y)
        model.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item()
    with torch.no_grad():
        (w, s, y), (w2, s2, y2) = pack(dev), pack(train[:400])
        print(f"epoch {epoch}  loss {loss_sum / 50:.4f}  token F1 train {f1(model(w2, s2).argmax(1), y2):.3f}  dev {f1(model(w, s).argmax(1), y):.3f}")
