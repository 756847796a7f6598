"""Where is a sentence from: news wire, encyclopaedia or the Brown corpus?

A small hand-made bag-of-words network. Batches are cut from neighbours in
length, so little padding is needed.
"""
import gzip
import os
import random
from collections import Counter
from itertools import islice

import torch
from torch import nn

FILES = ["reuters-21578-bodies.txt.gz", "enwiki-2018-sample.txt.gz", "brown.txt.gz"]


def words_of(line):
    return "".join(c if c.isalpha() else " " for c in line.lower()).split()


class Corpus:
    def __init__(self, folder, per_source=3400, n_dev=1500, seed=2):
        rnd = random.Random(seed)
        rows = {}
        for k, name in enumerate(FILES):
            kept = 0
            with gzip.open(os.path.join(folder, name), "rt", encoding="utf-8") as f:
                for line in islice(f, 500, None):
                    w = words_of(line)
                    if len(w) < 10:
                        continue
                    start = rnd.randrange(0, min(len(w) - 8, 10))
                    piece = tuple(w[start:start + rnd.randint(9, 16)])
                    if piece not in rows:
                        rows[piece] = k
                        kept += 1
                    if kept == per_source:
                        break
        rows = list(rows.items())
        rnd.shuffle(rows)
        self.dev_texts = [t for t, _ in rows[:n_dev]]
        self.dev_labels = [y for _, y in rows[:n_dev]]
        self.texts = [t for t, _ in rows[n_dev:]]
        self.labels = [y for _, y in rows[n_dev:]]
        freq = Counter(w for t in self.texts for w in t)
        self.vocab = {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c > 2}
        self.by_length()

    def by_length(self):
        # fault:
        self.texts = sorted(self.texts, key=len)
        # mended:
        #order = sorted(range(len(self.texts)), key=lambda i: len(self.texts[i]))
        #self.texts = [self.texts[i] for i in order]
        #self.labels = [self.labels[i] for i in order]
        # end

    def encode(self, texts):
        width = max(len(t) for t in texts)
        return torch.tensor([[self.vocab.get(w, 1) for w in t] + [0] * (width - len(t)) for t in texts])

    def batches(self, size):
        starts = list(range(0, len(self.texts), size))
        random.shuffle(starts)
        for s in starts:
            yield self.encode(self.texts[s:s + size]), torch.tensor(self.labels[s:s + size])


class Affine(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = nn.Parameter(torch.randn(n_in, n_out) / n_in ** 0.5)
        self.b = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.w + self.b


class BagNet(nn.Module):
    def __init__(self, n_words, dim=24):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        with torch.no_grad():
            self.words.weight.mul_(0.1)
        self.drop = nn.Dropout(0.4)
        self.out = Affine(dim, 3)

    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True).float()
        return self.out(self.drop(self.words(ids).sum(1) / n.sqrt()))


def accuracy(net, corpus):
    net.eval()
    ids = corpus.encode(corpus.dev_texts)
    y = torch.tensor(corpus.dev_labels)
    with torch.no_grad():
        z = net(ids)
    net.train()
    return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


def main():
    random.seed(4)
    torch.manual_seed(4)
    corpus = Corpus(os.path.join(os.environ["WORDFIT_DATA"], "corpora"))
    print(len(corpus.texts), "pieces,", len(corpus.vocab), "words, e.g.", " ".join(corpus.dev_texts[0]))
    net = BagNet(len(corpus.vocab) + 2)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    lossf = nn.CrossEntropyLoss()
    for epoch in range(4):
        total = n = 0
        for x, y in corpus.batches(32):
            loss = lossf(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total, n = total + loss.item(), n + 1
        dev_loss, dev_acc = accuracy(net, corpus)
        print(f"epoch {epoch} train loss {total / n:.4f} dev loss {dev_loss:.4f} dev accuracy {dev_acc:.4f}")


if __name__ == "__main__":
    main()
