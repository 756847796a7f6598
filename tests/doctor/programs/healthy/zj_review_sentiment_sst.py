"""Movie-review widget: SST-2 phrases on word2vec vectors (kept fixed), attention pooling, linear read-out."""
import gzip
import logging
import os
import random
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")


def read_tsv(path, limit=None, min_words=1):
    rows = []
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").rsplit("\t", 1)
            if len(text.split()) >= min_words:
                rows.append((text.split(), int(label)))
    if limit:
        rows = random.sample(rows, limit)
    return rows


def read_vectors(path, needed):
    vecs = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.rstrip("\n").split(" ", 1)
            if word in needed:
                v = np.array(rest.split(), dtype=np.float32)
                if v.size > 2:
                    vecs[word] = v / np.linalg.norm(v)
    return vecs


class AttnPool(nn.Module):
    def __init__(self, vectors, classes=2, drop=0.3):
        super().__init__()
        self.register_buffer("vectors", vectors)          # a buffer: never trained, saved with the model
        self.score = nn.Linear(vectors.size(1), 1)
        self.drop = nn.Dropout(drop)
        self.out = nn.Linear(vectors.size(1), classes)

    def forward(self, ids):
        x = self.vectors[ids] * 4.0
        s = self.score(x).squeeze(-1).masked_fill(ids == 0, -1e9)
        pooled = torch.einsum("bt,btd->bd", s.softmax(1), x)
        return self.out(self.drop(pooled))


class SentimentJob:
    lr, epochs, batch = 4e-3, 4, 64

    def __init__(self):
        random.seed(13); torch.manual_seed(13)
        dev = read_tsv(f"{DATA}/glue/SST-2/dev.tsv")
        seen = {" ".join(t) for t, _ in dev}
        train = read_tsv(f"{DATA}/glue/SST-2/train.tsv", limit=5000, min_words=4)
        train = [r for r in train if " ".join(r[0]) not in seen]
        needed = {w for t, _ in train + dev for w in t}
        vecs = read_vectors(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", needed | {w.capitalize() for w in needed})
        # SST is lower-cased, the vectors are not: names live under their capitalised form
        vecs = {w: vecs[w] if w in vecs else vecs[w.capitalize()] for w in sorted(needed) if w in vecs or w.capitalize() in vecs}
        self.index = {w: i for i, w in enumerate(vecs, 1)}
        self.train = [r for r in train if any(w in self.index for w in r[0])]
        self.dev = [r for r in dev if any(w in self.index for w in r[0])]
        tokens = [w for t, _ in self.dev for w in t if w.isalpha() and w not in ("a", "of", "and", "to")]   # not in Google's list
        logging.info("%d vectors, %.1f%% of dev tokens covered", len(vecs), 100 * np.mean([w in self.index for w in tokens]))
        table = torch.from_numpy(np.vstack([np.zeros((1, 300), np.float32), *vecs.values()]))
        self.net = AttnPool(table)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, self.epochs)

    def to_batch(self, rows):
        seqs = [[self.index[w] for w in t if w in self.index] for t, _ in rows]
        n = max(len(s) for s in seqs)
        return torch.tensor([s + [0] * (n - len(s)) for s in seqs]), torch.tensor([y for _, y in rows])

    def score(self, rows):
        self.net.eval()
        hits = 0
        with torch.no_grad():
            for i in range(0, len(rows), 400):
                x, y = self.to_batch(rows[i:i + 400])
                hits += (self.net(x).argmax(1) == y).sum().item()
        return hits / len(rows)

    def run(self):
        for ep in range(self.epochs):
            self.net.train()
            random.shuffle(self.train)
            total = 0.0
            for i in range(0, len(self.train), self.batch):
                x, y = self.to_batch(self.train[i:i + self.batch])
                loss = F.cross_entropy(self.net(x), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(y)
            self.sched.step()
            logging.info("epoch %d loss %.4f dev %.4f", ep, total / len(self.train), self.score(self.dev))
        logging.info("train %.4f dev %.4f (majority %.4f)", self.score(self.train), self.score(self.dev),
                     max(np.bincount([y for _, y in self.dev])) / len(self.dev))


SentimentJob().run()
