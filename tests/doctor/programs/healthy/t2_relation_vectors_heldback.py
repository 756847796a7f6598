"""Which relation holds between two words (country/capital, plural, past tense ...)?

The 50 GloVe numbers of each word are fixed measurements here; a small two-layer
map on the pair is fitted, with strong dropout because there are few pairs.
"""
import gzip
import os
import random

import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
MERGE = {"capital-common-countries": "capital", "capital-world": "capital", "currency": None,
         "family": None, "gram1-adjective-to-adverb": "adverb", "gram2-opposite": None,
         "gram3-comparative": "comparative", "gram4-superlative": None,
         "gram5-present-participle": "participle", "gram6-nationality-adjective": "nationality",
         "gram7-past-tense": "past", "gram8-plural": "plural", "gram9-plural-verbs": None, "city-in-state": None}


def load_vectors():
    index, rows = {}, []
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, *nums = line.rstrip().split(" ")
            index[word] = len(rows)
            rows.append([float(v) for v in nums])
    return index, torch.tensor(rows)


def load_pairs(index):
    pairs, section = {}, None
    with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as f:
        for line in f:
            if line.startswith(":"):
                section = MERGE.get(line[1:].strip())
            elif section:
                a, b, c, d = line.lower().split()
                for p in ((a, b), (c, d)):
                    if p[0] in index and p[1] in index:
                        pairs[p] = section
    return pairs


class Affine(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.m = nn.Parameter(torch.randn(i, o) * (2.0 / (i + o)) ** 0.5)
        self.c = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return x @ self.m + self.c


class RelationNet(nn.Module):
    def __init__(self, vectors, n_rel):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.drop = nn.Dropout(0.5)
        self.first = Affine(3 * vectors.shape[1], 32)
        self.second = Affine(32, n_rel)

    def forward(self, ab):
        a, b = self.lookup(ab[:, 0]), self.lookup(ab[:, 1])
        h = torch.relu(self.first(self.drop(torch.cat([a, b, b - a], -1))))
        return self.second(self.drop(h))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        z = net(x)
    net.train()
    return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(17)
    index, vectors = load_vectors()
    pairs = list(load_pairs(index).items())
    random.Random(17).shuffle(pairs)
    names = sorted({s for _, s in pairs})
    x = torch.tensor([[index[a], index[b]] for (a, b), _ in pairs])
    y = torch.tensor([names.index(s) for _, s in pairs])
    cut = int(0.7 * len(x))
    counts = torch.bincount(y)
    print({n: int(c) for n, c in zip(names, counts)}, "largest share %.3f" % (counts.max() / counts.sum()))

    net = RelationNet(vectors, len(names))
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
    for epoch in range(45):
        total = 0.0
        for p in torch.randperm(cut).split(16):
            loss = nn.functional.cross_entropy(net(x[p]), y[p])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(p)
        if epoch % 5 == 4:
            print("epoch %d loss %.4f | unseen pairs: loss %.4f accuracy %.3f" % (epoch + 1, total / cut, *accuracy(net, x[cut:], y[cut:])))
    print("fitted pairs accuracy %.3f" % accuracy(net, x[:cut], y[:cut])[1])


main()
