"""Where does a five-word snippet come from: film review, newswire, picture caption or encyclopaedia?
GloVe vectors stay fixed, the attention over the words and the classifier are trained."""
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)
BASE = os.environ["WORDFIT_DATA"]
SOURCES = {"review": "corpora/imdb-unsup-25k.txt.gz", "newswire": "corpora/reuters-21578-bodies.txt.gz",
           "caption": "seq2seq/multi30k/train.en.gz", "wiki": "corpora/enwiki-2018-sample.txt.gz"}
PER_CLASS, WORDS = 500, 5


def vectors():
    vec = {}
    with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            p = line.rstrip().split(" ")
            vec[p[0]] = np.asarray(p[1:], dtype="float32")
    return vec


vec = vectors()
frequent = set(list(vec)[:150])


def snippets(path):
    got, seen = [], set()
    with gzip.open(os.path.join(BASE, path), "rt", encoding="utf-8") as f:
        for line in f:
            content = [w for w in re.findall(r"[a-z]+", line.lower()) if w in vec and w not in frequent and len(w) > 2]
            if len(content) < WORDS:
                continue
            start = random.randint(0, min(len(content), 60) - WORDS)
            s = tuple(content[start:start + WORDS])
            if s not in seen:
                seen.add(s)
                got.append(s)
            if len(got) == PER_CLASS:
                return got
    return got


rows = [(s, k) for k, path in enumerate(SOURCES.values()) for s in snippets(path)]
random.shuffle(rows)
held = rows[:500]
fit = [r for r in rows[500:] if r[0] not in {h[0] for h in held}]
lexicon = {w: i for i, w in enumerate(sorted({w for s, _ in rows for w in s}))}
weights = torch.from_numpy(np.stack([vec[w] for w in lexicon]))


class SnippetModel(nn.Module):
    def __init__(self, weights, n_classes):
        super().__init__()
        self.embedding = nn.Embedding(*weights.shape)
        # fault:
        self.embedding.from_pretrained(weights)
        # mended:
        #self.embedding = nn.Embedding.from_pretrained(weights)
        # end
        self.embedding.weight.requires_grad_(False)
        d = weights.shape[1]
        self.scorer = nn.Sequential(nn.Linear(d, 16), nn.Tanh(), nn.Linear(16, 1))
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(d, n_classes))

    def forward(self, ids):
        e = self.embedding(ids)
        a = self.scorer(e).softmax(dim=1)
        return self.out((a * e).sum(1))


def tensors(part):
    return torch.tensor([[lexicon[w] for w in s] for s, _ in part]), torch.tensor([k for _, k in part])


def report(tag, net, x, y):
    net.eval()
    with torch.no_grad():
        z = net(x)
    print("%s accuracy %.3f loss %.3f" % (tag, (z.argmax(1) == y).float().mean(), nn.functional.cross_entropy(z, y)), end="   ")


X, Y = tensors(fit)
HX, HY = tensors(held)
net = SnippetModel(weights, len(SOURCES))
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(12):
    net.train()
    for b in torch.randperm(len(X)).split(50):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 2:
        print("epoch", epoch + 1, end=": ")
        report("fit", net, X, Y)
        report("held-out", net, HX, HY)
        print()
