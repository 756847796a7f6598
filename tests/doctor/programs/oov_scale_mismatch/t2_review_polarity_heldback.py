"""Good or bad? Long film reviews, fixed Google News directions, one small layer.

Only the direction of a word vector is used, so all of them get length one.
The vectors stay as they are; the classifier on top is trained.
"""
import gzip
import os
import re
from dataclasses import dataclass

import numpy as np
import torch

DATA = os.environ["WORDFIT_DATA"]


@dataclass
class Config:
    n_train: int = 2000
    n_test: int = 600
    max_words: int = 70
    hidden: int = 16
    lr: float = 2e-3
    epochs: int = 9
    seed: int = 9


def read_reviews(split, n, max_words):
    keep = {"pos": [], "neg": []}
    with gzip.open(os.path.join(DATA, "sentiment", "imdb", split + ".tsv.gz"), "rt", encoding="utf-8") as f:
        next(f)
        for line in f:
            label, rating, _, text = line.rstrip("\n").split("\t", 3)
            side = "pos" if int(rating) > 5 else "neg"
            if len(keep[side]) < n // 2:
                keep[side].append(re.findall(r"[a-z']+|[!?.]", text.replace("<br />", " ").lower())[-max_words:])
    rows = [(t, 1) for t in keep["pos"]] + [(t, 0) for t in keep["neg"]]
    order = np.random.RandomState(0).permutation(len(rows))
    return [rows[i] for i in order]


def read_vectors(words):
    found = {}
    with gzip.open(os.path.join(DATA, "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz"), "rt",
                   encoding="utf-8") as f:
        dim = int(f.readline().split()[1])
        for line in f:
            w, rest = line.split(" ", 1)
            if w in words:
                v = np.fromstring(rest, sep=" ", dtype=np.float32)
                found[w] = v / np.linalg.norm(v)
    return found, dim


def build_table(words, found, dim, rs):
    table = np.zeros((len(words) + 1, dim), dtype=np.float32)
    for i, w in enumerate(words, 1):
        if w in found:
            table[i] = found[w]
        else:
            # fault:
            table[i] = rs.normal(size=dim)
            # mended:
            #table[i] = rs.normal(size=dim) / np.sqrt(dim)
            # end
    return torch.from_numpy(table)


def encode(rows, index, width):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        ids = [index[t] for t in toks if t in index]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class TwoLayer:
    def __init__(self, table, hidden):
        self.table = table
        d = table.shape[1]
        self.w1 = (torch.randn(d, hidden) / d ** 0.5).requires_grad_()
        self.b1 = torch.zeros(hidden, requires_grad=True)
        self.w2 = (torch.randn(hidden, 2) / hidden ** 0.5).requires_grad_()
        self.b2 = torch.zeros(2, requires_grad=True)

    def parameters(self):
        return [self.w1, self.b1, self.w2, self.b2]

    def __call__(self, ids):
        count = (ids > 0).sum(1, keepdim=True)
        mean = self.table[ids].sum(1) / count
        return torch.tanh(4.0 * mean @ self.w1 + self.b1) @ self.w2 + self.b2


def evaluate(net, x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


def main(cfg=Config()):
    torch.manual_seed(cfg.seed)
    train = read_reviews("train", cfg.n_train, cfg.max_words)
    test = read_reviews("test", cfg.n_test, cfg.max_words)
    words = sorted({t for toks, _ in train for t in toks})
    found, dim = read_vectors(set(words))
    print(f"{len(words)} words, {len(found)} with a vector")
    table = build_table(words, found, dim, np.random.RandomState(cfg.seed))
    index = {w: i for i, w in enumerate(words, 1)}
    xtr, ytr = encode(train, index, cfg.max_words)
    xte, yte = encode(test, index, cfg.max_words)

    net = TwoLayer(table, cfg.hidden)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr, weight_decay=1e-3)
    for epoch in range(cfg.epochs):
        losses = []
        for part in torch.randperm(len(xtr)).split(32):
            loss = torch.nn.functional.cross_entropy(net(xtr[part]), ytr[part])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"epoch {epoch} loss {np.mean(losses):.4f} test accuracy {evaluate(net, xte, yte):.4f}")
    print(f"train accuracy {evaluate(net, xtr, ytr):.4f}  test accuracy {evaluate(net, xte, yte):.4f}")


main()
