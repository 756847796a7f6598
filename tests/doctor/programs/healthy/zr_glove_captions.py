"""GloVe trained from scratch on image captions, with the original's AdaGrad. Some cells are held out."""
import gzip
import math
import os
import re
from collections import Counter

import torch


def load_lines(limit):
    p = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/train.en.gz")
    with gzip.open(p, "rt", encoding="utf-8") as f:
        return [re.findall(r"[a-z]+", s.lower()) for _, s in zip(range(limit), f)]


def cooccurrence(lines, vocab, window=6):
    cooc = Counter()
    for s in lines:
        ids = [vocab[w] for w in s if w in vocab]
        for i, a in enumerate(ids):
            for j in range(max(0, i - window), i):
                cooc[a, ids[j]] += 1 / (i - j)
                cooc[ids[j], a] += 1 / (i - j)
    return cooc


class GloveAdagrad:
    """The four tables, updated by hand: only the rows of the batch move."""

    def __init__(self, n, d, lr):
        gen = torch.Generator().manual_seed(1)
        mk = lambda *s: ((torch.rand(*s, generator=gen) - 0.5) / d).requires_grad_()
        self.w, self.c, self.bw, self.bc = mk(n, d), mk(n, d), mk(n), mk(n)
        self.tables = [self.w, self.c, self.bw, self.bc]
        self.hist = [torch.ones_like(t) for t in self.tables]
        self.lr = lr

    def predict(self, i, j):
        return (self.w[i] * self.c[j]).sum(-1) + self.bw[i] + self.bc[j]

    def update(self, loss):
        grads = torch.autograd.grad(loss, self.tables)
        with torch.no_grad():
            for t, g, h in zip(self.tables, grads, self.hist):
                h += g * g
                t -= self.lr * g / h.sqrt()


lines = load_lines(9000)
counts = Counter(w for s in lines for w in s)
vocab = {w: k for k, (w, n) in enumerate(counts.most_common(400))}
cells = [(i, j, x) for (i, j), x in cooccurrence(lines, vocab).items() if x >= 1]
I = torch.tensor([c[0] for c in cells]); J = torch.tensor([c[1] for c in cells])
X = torch.tensor([c[2] for c in cells])
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
I, J, X = I[perm], J[perm], X[perm]
cut = len(X) // 10
weight, logx = (X / 30).clamp(max=1) ** 0.75, X.log()
mean_log = (weight[cut:] * logx[cut:]).sum() / weight[cut:].sum()
base = (weight[:cut] * (logx[:cut] - mean_log) ** 2).mean().item()
print(f"{len(vocab)} words, {len(X) - cut} cells to train on, {cut} held out; constant guess costs {base:.4f}")

m = GloveAdagrad(len(vocab), 5, lr=0.1)
ti, tj, tw, tx = I[cut:], J[cut:], weight[cut:], logx[cut:]
shuffler = torch.Generator().manual_seed(2)
for it in range(6):
    order = torch.randperm(len(ti), generator=shuffler)
    acc = 0.0
    for b in order.split(64):
        # summed, as every cell is a step of its own in the original
        loss = 0.5 * (tw[b] * (m.predict(ti[b], tj[b]) - tx[b]) ** 2).sum()
        m.update(loss)
        acc += 2 * loss.item()
    with torch.no_grad():
        p = m.predict(I[:cut], J[:cut])
        ho = (weight[:cut] * (p - logx[:cut]) ** 2).mean().item()
        r = torch.corrcoef(torch.stack([p, logx[:cut]]))[0, 1].item()
    print(f"iter {it + 1}: train {acc / len(ti):.4f}  held-out {ho:.4f}  corr {r:.3f}")

with torch.no_grad():
    v = torch.nn.functional.normalize(m.w + m.c, dim=1)
names = list(vocab)
for q in ("man", "red", "water"):
    near = (v @ v[vocab[q]]).topk(5).indices.tolist()[1:]
    print(q, "->", ", ".join(names[k] for k in near))
