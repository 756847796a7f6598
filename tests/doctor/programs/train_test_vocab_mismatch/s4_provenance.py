# Provenance: from which archive does a sentence come?
# brown (1961 mixed prose), flickr (photo captions), imdb (user reviews)
import gzip
import os
import random
import re
from collections import Counter
from dataclasses import dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import classification_report, f1_score

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
SOURCES = {
    "brown": "brown.txt.gz",
    "flickr": "../seq2seq/multi30k/train.en.gz",
    "imdb": "imdb-unsup-25k.txt.gz",
}
PER_SOURCE = 1800
MAXLEN = 30
WORD = re.compile(r"[a-z]+")


@dataclass
class Split:
    words: list = field(default_factory=list)
    labels: list = field(default_factory=list)

    def add(self, w, y):
        self.words.append(w)
        self.labels.append(y)


@dataclass
class Vocab:
    index: dict

    @classmethod
    def from_texts(cls, texts, min_count=2):
        c = Counter(w for t in texts for w in t)
        kept = sorted(w for w, n in c.items() if n >= min_count)
        return cls({w: i + 2 for i, w in enumerate(kept)})

    def __len__(self):
        return len(self.index) + 2

    def encode(self, texts):
        out = torch.zeros(len(texts), MAXLEN, dtype=torch.long)
        for r, t in enumerate(texts):
            ids = [self.index.get(w, 1) for w in t]
            out[r, :len(ids)] = torch.tensor(ids)
        return out


def read_sentences():
    rng = random.Random(8)
    train, held = Split(), Split()
    seen, rows = set(), []
    for y, name in enumerate(SOURCES):
        got = 0
        with gzip.open(os.path.join(ROOT, SOURCES[name]), "rt", encoding="utf-8") as f:
            for line in f:
                t = WORD.findall(line.replace("<br />", " ").lower())[:MAXLEN]
                if len(t) < 8 or tuple(t) in seen:
                    continue
                seen.add(tuple(t))
                rows.append((t, y))
                got += 1
                if got == PER_SOURCE:
                    break
    rng.shuffle(rows)
    for i, (t, y) in enumerate(rows):
        (held if i % 5 == 0 else train).add(t, y)
    return train, held


class BagModel(nn.Module):
    def __init__(self, size, dim=24, classes=3):
        super().__init__()
        self.table = nn.Embedding(size, dim, padding_idx=0)
        self.norm = nn.LayerNorm(dim)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(dim, classes)

    def forward(self, ids):
        real = (ids > 0).unsqueeze(-1).float()
        mean = (self.table(ids) * real).sum(1) / real.sum(1).clamp(min=1)
        return self.head(self.drop(self.norm(mean)))


torch.manual_seed(8)
train, held = read_sentences()
# fault:
vocab = Vocab.from_texts(train.words)
x_train = vocab.encode(train.words)
held_vocab = Vocab.from_texts(held.words)
x_held = held_vocab.encode(held.words)
# mended:
#vocab = Vocab.from_texts(train.words)
#x_train = vocab.encode(train.words)
#x_held = vocab.encode(held.words)
# end
y_train, y_held = torch.tensor(train.labels), torch.tensor(held.labels)
print("train", tuple(x_train.shape), "held out", tuple(x_held.shape), "words", len(vocab))

model = BagModel(len(vocab))
opt = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=0.02)
for epoch in range(5):
    model.train()
    right = 0
    for idx in torch.randperm(len(x_train)).split(64):
        z = model(x_train[idx])
        loss = F.cross_entropy(z, y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        right += (z.argmax(1) == y_train[idx]).sum().item()
    model.eval()
    with torch.no_grad():
        z = model(x_held)
    guess = z.argmax(1)
    print(f"{epoch}: train acc {right / len(x_train):.3f}  held-out loss {F.cross_entropy(z, y_held).item():.3f}"
          f"  macro-F1 {f1_score(y_held, guess, average='macro'):.3f}")
print(classification_report(y_held, guess, target_names=list(SOURCES), digits=3, zero_division=0))
