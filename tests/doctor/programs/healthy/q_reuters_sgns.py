# word2vec (skip-gram, negative sampling) on Reuters stories, two tables, sparse updates.
# On other stories: mean loss, and how often the true context outranks a drawn one.
import gzip
import math
import os
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = Path(os.environ["WORDFIT_DATA"])
random.seed(5)
rng = np.random.default_rng(5)
torch.manual_seed(5)

WINDOW, DIM, NEG, BATCH, MIN_COUNT = 4, 24, 5, 1024, 60

with gzip.open(DATA / "corpora/reuters-21578-bodies.txt.gz", "rt", encoding="utf-8") as f:
    head = f.read(1_500_000)
stories = [re.findall(r"[a-z]+", s.lower()) for s in head.split("\n\n")]
stories = [s for s in {" ".join(s): s for s in stories}.values() if len(s) > 20]
random.shuffle(stories)
held_out, sentences = stories[:150], stories[150:]

counts = Counter(w for s in sentences for w in s)
words = [w for w, c in counts.most_common() if c >= MIN_COUNT]
index = {w: i for i, w in enumerate(words)}
freq = np.array([counts[w] for w in words], dtype=np.float64)
keep = np.minimum(1.0, np.sqrt(5e-4 * freq.sum() / freq))        # subsampling of frequent words
noise = freq ** 0.75
noise /= noise.sum()


def pairs_of(sents):
    out = []
    for s in sents:
        ids = [index[w] for w in s if w in index]
        ids = [i for i in ids if random.random() < keep[i]]
        for a, c in enumerate(ids):
            r = random.randint(1, WINDOW)
            for b in range(max(0, a - r), min(len(ids), a + r + 1)):
                if b != a:
                    out.append((c, ids[b]))
    return torch.tensor(out)


train_pairs, dev_pairs = pairs_of(sentences), pairs_of(held_out)
print(f"{len(words)} words, {len(train_pairs)} training pairs, {len(dev_pairs)} held-out pairs")
noise = torch.tensor(noise)


class SkipGram(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.centre = nn.Embedding(n, dim, sparse=True)
        self.context = nn.Embedding(n, dim, sparse=True)
        nn.init.uniform_(self.centre.weight, -0.5 / dim, 0.5 / dim)
        nn.init.zeros_(self.context.weight)

    def score(self, c, o):
        return (self.centre(c).unsqueeze(1) * self.context(o)).sum(-1)

    def forward(self, c, pos, neg):
        good = self.score(c, pos.unsqueeze(1)).squeeze(1)
        bad = self.score(c, neg)
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(1)).mean(), good, bad


def draw(n):
    return torch.multinomial(noise, n * NEG, replacement=True).view(n, NEG)


model = SkipGram(len(words), DIM)
optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=1e-2)
dev_neg = draw(len(dev_pairs))


def held_out_score():
    with torch.no_grad():
        loss, good, bad = model(dev_pairs[:, 0], dev_pairs[:, 1], dev_neg)
    return loss.item(), (good.unsqueeze(1) > bad).float().mean().item()


print(f"chance: loss {(NEG + 1) * math.log(2):.3f}, ranking 0.500")
for epoch in range(3):
    order = torch.randperm(len(train_pairs))
    total = 0.0
    for k in range(0, len(order), BATCH):
        b = train_pairs[order[k:k + BATCH]]
        loss, _, _ = model(b[:, 0], b[:, 1], draw(len(b)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    dl, auc = held_out_score()
    print(f"epoch {epoch + 1}: train {total / len(order):.4f}  held out {dl:.4f}  true context above noise {auc:.3f}")

vec = F.normalize(model.centre.weight.detach() , dim=1)
for w in ["oil", "bank", "dollar", "net", "japan"]:
    if w in index:
        near = (vec @ vec[index[w]]).topk(5).indices[1:].tolist()
        print(w, "->", ", ".join(words[i] for i in near))
