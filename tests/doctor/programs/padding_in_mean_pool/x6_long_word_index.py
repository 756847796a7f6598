# readability package, flattened: predicts the mean word length of a sentence from learned word values
# (a warm-up before we regress the real reading-time data, where the words' own scores aren't known)
import gzip, os, random
from collections import Counter
from typing import Iterator, NamedTuple

import torch
from torch import nn


class Batch(NamedTuple):
    ids: torch.Tensor       # (rows, longest)
    lengths: torch.Tensor
    target: torch.Tensor


class Corpus:
    def __init__(self, n_train=4000, n_dev=600, vocab=1500):
        path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
        with gzip.open(path, "rt", encoding="utf8") as f:
            lines = [l.lower().split() for l in f]
        lines = [[w for w in l if w.isalpha()] for l in lines]
        lines = list({tuple(l): None for l in lines if 3 <= len(l) <= 45})
        random.Random(0).shuffle(lines)
        self.train, self.dev = lines[:n_train], lines[n_train:n_train + n_dev]
        freq = Counter(w for l in self.train for w in l)
        # 0 pad; rare words share one id per ending
        self.ids = {w: i + 1 for i, (w, _) in enumerate(freq.most_common(vocab))}
        self.tails = {}
        for w in freq:
            if w not in self.ids:
                self.tails.setdefault(self.tail(w), vocab + 1 + len(self.tails))
        self.size = vocab + 2 + len(self.tails)
        y = torch.tensor([self.index(l) for l in self.train])
        self.mean, self.std = y.mean().item(), y.std().item()

    @staticmethod
    def tail(w):
        return ("~" + w[-1], min(len(w), 12))

    @staticmethod
    def index(l):
        return sum(map(len, l)) / len(l)

    def encode(self, w):
        return self.ids.get(w) or self.tails.get(self.tail(w), self.size - 1)

    def batches(self, lines, rows) -> Iterator[Batch]:
        for i in range(0, len(lines), rows):
            part = lines[i:i + rows]
            ids = torch.zeros(len(part), max(map(len, part)), dtype=torch.long)
            for r, l in enumerate(part):
                ids[r, :len(l)] = torch.tensor([self.encode(w) for w in l])
            target = torch.tensor([(self.index(l) - self.mean) / self.std for l in part])
            yield Batch(ids, torch.tensor([len(l) for l in part]), target)


class Lookup(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        w = torch.randn(n, d) * 0.1
        w[0] = 0
        self.weight = nn.Parameter(w)

    def forward(self, ids):
        return nn.functional.embedding(ids, self.weight, padding_idx=0)


class Index(nn.Module):
    def __init__(self, n, d=8):
        super().__init__()
        self.look = Lookup(n, d)
        self.head = nn.Sequential(nn.Linear(d, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, b: Batch):
        # fault:
        text = self.look(b.ids).mean(1)
        # mended:
        # text = self.look(b.ids).sum(1) / b.lengths[:, None]
        # end
        return self.head(text).squeeze(-1)


def r2(model, corpus, lines):
    model.eval()
    with torch.no_grad():
        pairs = [(model(b), b.target) for b in corpus.batches(lines, 100)]
    p, y = torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])
    return 1 - ((p - y) ** 2).mean().item() / y.var().item()


torch.manual_seed(4)
random.seed(4)
corpus = Corpus()
model = Index(corpus.size)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for epoch in range(5):
    model.train()
    order = random.sample(corpus.train, len(corpus.train))
    losses = []
    for b in corpus.batches(order, 50):
        loss = nn.functional.mse_loss(model(b), b.target)
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    sched.step()
    print("epoch %d mse %.4f  R2 train %.3f dev %.3f" % (
        epoch, sum(losses) / len(losses), r2(model, corpus, corpus.train[:800]), r2(model, corpus, corpus.dev)))
