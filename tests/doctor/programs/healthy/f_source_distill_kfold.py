"""Where does a sentence come from (film review, image caption, phrase book, Brown corpus)?

Stage 1: three teachers on 50d vectors, one per fold, frozen vectors, early stopping on the fold that was left out.
Stage 2: a small student on 25d vectors learns from the teachers' out-of-fold probabilities (and a little from the labels).
"""
import copy
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
SEED, PER_SOURCE, TEMP = 5, 700, 2.0
torch.manual_seed(SEED)
gen = np.random.default_rng(SEED)


def lines(path, encoding="utf-8"):
    full = os.path.join(DATA, path)
    with (gzip.open(full, "rt", encoding=encoding) if path.endswith(".gz") else open(full, encoding=encoding)) as f:
        return [l.rstrip("\n") for l in f]


def words(s):
    return re.findall(r"[a-z]+", s.lower())


def glove(path, wanted):
    table = {}
    for l in lines(path):
        w, _, rest = l.partition(" ")
        if w in wanted:
            table[w] = np.array(rest.split(), dtype=np.float32)
    return table


sources = [lines("sentiment/MR/rt-polarity.pos", "latin-1"), lines("seq2seq/multi30k/val.en.gz") + lines("seq2seq/multi30k/test_2016_flickr.en.gz"),
           [l.split("\t")[0] for l in lines("seq2seq/tatoeba-fra-eng/fra.txt.gz")[40000:44000]], lines("corpora/brown.txt.gz")[::8]]
texts, labels = [], []
for y, src in enumerate(sources):
    pool = [s for s in sorted({" ".join(words(s)) for s in src}) if len(s.split()) >= 4]
    for i in gen.choice(len(pool), PER_SOURCE, replace=False):
        texts.append(pool[i].split())
        labels.append(y)
labels = np.array(labels)
need = {w for t in texts for w in t}
big, small = glove("vectors/glove.6B.50d.top10361.txt.gz", need), glove("vectors/glove.twitter.27B.25d.common11925.txt.gz", need)


def average(table, dim):
    rows = []
    for t in texts:
        v = [table[w] for w in t if w in table]
        rows.append(np.concatenate([np.mean(v, 0), np.max(v, 0), [np.log(len(t))]]) if v else np.zeros(2 * dim + 1))
    return torch.tensor(np.array(rows), dtype=torch.float32)


X50, X25, y = average(big, 50), average(small, 25), torch.from_numpy(labels)
order = gen.permutation(len(texts))
test, train = torch.from_numpy(order[:400]), torch.from_numpy(order[400:])


def mlp(d_in, hidden, p):
    return nn.Sequential(nn.LayerNorm(d_in), nn.Linear(d_in, hidden), nn.ReLU(), nn.Dropout(p), nn.Linear(hidden, 4))


def accuracy(net, X, idx):
    net.eval()
    with torch.no_grad():
        return (net(X[idx]).argmax(1) == y[idx]).float().mean().item()


def epoch(net, opt, X, idx, loss_fn, size=40):
    net.train()
    total = 0.0
    for part in idx[torch.randperm(len(idx))].split(size):
        opt.zero_grad()
        loss = loss_fn(net(X[part]), part)
        loss.backward()
        opt.step()
        total += loss.item() * len(part)
    return total / len(idx)


soft = torch.zeros(len(texts), 4)
teachers = []
for k, a in enumerate(folds := train.chunk(3)):
    outside, inside = a, torch.cat([f for j, f in enumerate(folds) if j != k])
    net = mlp(101, 32, 0.3)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    best, keep, waited = 0.0, None, 0
    for _ in range(8):
        epoch(net, opt, X50, inside, lambda out, i: F.cross_entropy(out, y[i]))
        acc = accuracy(net, X50, outside)
        best, keep, waited = (acc, copy.deepcopy(net.state_dict()), 0) if acc > best else (best, keep, waited + 1)
        if waited == 2:
            break
    net.load_state_dict(keep)
    net.requires_grad_(False).eval()
    soft[outside] = F.softmax(net(X50[outside]) / TEMP, 1)
    teachers.append(net)
    print(f"teacher {k}: inside {accuracy(net, X50, inside):.3f} outside {best:.3f}")

student = mlp(51, 24, 0.05)
opt = torch.optim.AdamW(student.parameters(), lr=6e-3)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)


def distill(out, i):
    kl = F.kl_div(F.log_softmax(out / TEMP, 1), soft[i], reduction="batchmean") * TEMP ** 2
    return 0.8 * kl + 0.2 * F.cross_entropy(out, y[i])


for e in range(8):
    loss = epoch(student, opt, X25, train, distill)
    cosine.step()
    if e % 3 == 1:
        print(f"student epoch {e}: {loss:.4f}")
with torch.no_grad():
    vote = torch.stack([F.softmax(t(X50[test]), 1) for t in teachers]).mean(0).argmax(1)
print(f"test: teachers together {(vote == y[test]).float().mean():.3f}, student {accuracy(student, X25, test):.3f} "
      f"(train {accuracy(student, X25, train):.3f}), parameters {sum(p.numel() for p in student.parameters())}")
