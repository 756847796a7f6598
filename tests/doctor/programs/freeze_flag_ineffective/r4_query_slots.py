import argparse
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

# Freight desk: which kind of terms does a customer's query consist of (countries, capitals, nationalities, verb forms ...)?
# The gazetteer that we can annotate covers half of the terms. The others only turn up later, in the live system,
# so the GloVe table stays as published and a small head on top of it is learnt.

ap = argparse.ArgumentParser()
ap.add_argument("--queries", type=int, default=1500)
ap.add_argument("--terms", type=int, default=3)
ap.add_argument("--epochs", type=int, default=12)
ap.add_argument("--lr", type=float, default=1e-2)
ap.add_argument("--seed", type=int, default=3)
args = ap.parse_args()

rnd = random.Random(args.seed)
torch.manual_seed(args.seed)
ROOT = os.environ["WORDFIT_DATA"]
# section of the word list, column in it
SLOTS = {
    "capital": ("capital-world", 0), "country": ("capital-world", 1), "us_city": ("city-in-state", 0),
    "nationality": ("gram6-nationality-adjective", 1), "adverb": ("gram1-adjective-to-adverb", 1),
    "comparative": ("gram3-comparative", 1), "ing_form": ("gram5-present-participle", 1),
    "past": ("gram7-past-tense", 1), "plural": ("gram8-plural", 1), "third_person": ("gram9-plural-verbs", 1),
}


def read_glove(path):
    words, vecs = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w)
            vecs.append(np.array(v, dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, np.stack(vecs)


def read_terms(path, index):
    sections, current = {}, None
    for line in open(path, encoding="utf-8"):
        if line.startswith(":"):
            current = sections.setdefault(line[1:].strip(), [])
        else:
            current.append(line.lower().split())
    terms, taken = {}, set()
    for slot, (section, column) in SLOTS.items():
        found = sorted({q[column] for q in sections[section]} & set(index) - taken)
        taken |= set(found)
        rnd.shuffle(found)
        terms[slot] = [index[w] for w in found]
    return terms


index, vectors = read_glove(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")
terms = read_terms(f"{ROOT}/wordsim/analogy/questions-words.txt", index)
annotated = {s: t[: len(t) // 2] for s, t in terms.items()}
later = {s: t[len(t) // 2:] for s, t in terms.items()}


def queries(pool, n):
    names = list(SLOTS)
    x = torch.empty(n, args.terms, dtype=torch.long)
    y = torch.empty(n, dtype=torch.long)
    for i in range(n):
        y[i] = i % len(names)
        x[i] = torch.tensor(rnd.sample(pool[names[i % len(names)]], args.terms))
    return x, y


class SlotModel(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.lookup = nn.Embedding(*table.shape)
        self.lookup.weight.data.copy_(torch.from_numpy(table))
        # fault:
        self.lookup.requires_grad = False
        # mended:
        #self.lookup.weight.requires_grad = False
        # end
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(table.shape[1], 24), nn.Tanh(), nn.Linear(24, n_out))

    def forward(self, x):
        return self.head(self.lookup(x)).mean(1)


X, Y = queries(annotated, args.queries)
XT, YT = queries(later, 500)
model = SlotModel(vectors, len(SLOTS))
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def evaluate(x, y):
    model.eval()
    z = model(x)
    return criterion(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(1, args.epochs + 1):
    model.train()
    for idx in torch.randperm(len(X)).split(100):
        optimizer.zero_grad()
        criterion(model(X[idx]), Y[idx]).backward()
        optimizer.step()
    if epoch % 4 == 0:
        (tl, ta), (vl, va) = evaluate(X, Y), evaluate(XT, YT)
        print(f"epoch {epoch:2d}  annotated terms {tl:.3f}/{ta:.3f}  later terms {vl:.3f}/{va:.3f}")

shift = (model.lookup.weight.detach() - torch.from_numpy(vectors)).norm(dim=1)
print(f"{sum(map(len, annotated.values()))} terms annotated; rows of the table that differ from GloVe: {(shift > 1e-6).sum().item()}")
