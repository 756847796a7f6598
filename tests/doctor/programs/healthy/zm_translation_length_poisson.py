"""How many characters will the German translation have?  Additive Poisson model: every English word contributes
its own (positive) expected number of characters.  Note that the Poisson loss drops the log-factorial, hence its sign."""
import collections
import gzip
import os

import numpy as np
import torch
from torch.nn import functional as F

torch.manual_seed(8)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(name, n):
    with gzip.open(os.path.join(folder, name), "rt", encoding="utf-8") as f:
        return [l.strip() for _, l in zip(range(n), f)]


def pairs(stem, n):
    en, de = lines(stem + ".en.gz", n), lines(stem + ".de.gz", n)
    return [(e.lower().replace(",", " ,").replace(".", " .").split(), float(len(d))) for e, d in zip(en, de)]


train, val, test = pairs("train", 6000), pairs("val", 1000), pairs("test_2016_flickr", 1000)
freq = collections.Counter(w for ws, _ in train for w in ws)
# rare words share a row by their own length: <rare:7> etc.
name = lambda w: w if freq[w] >= 20 else f"<rare:{min(len(w), 12)}>"
vocab = {"<none>": 0}
for ws, _ in train:
    for w in ws:
        vocab.setdefault(name(w), len(vocab))
for k in range(1, 13):
    vocab.setdefault(f"<rare:{k}>", len(vocab))


def arrays(rows):
    width = max(len(ws) for ws, _ in rows)
    x = np.zeros((len(rows), width), dtype=np.int64)
    for r, (ws, _) in enumerate(rows):
        x[r, :len(ws)] = [vocab[name(w)] for w in ws]
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])


contribution = torch.full((len(vocab), 1), 5.0, requires_grad=True)     # softplus(5) is about five characters a word
bias = torch.zeros(1, requires_grad=True)


def expected(x):
    return (F.softplus(contribution)[x].squeeze(-1) * (x > 0)).sum(1) + F.softplus(bias)


def mae_r2(x, y):
    with torch.no_grad():
        p = expected(x)
    return (p - y).abs().mean().item(), 1 - ((p - y) ** 2).sum().item() / ((y - y.mean()) ** 2).sum().item()


(xtr, ytr), (xva, yva), (xte, yte) = arrays(train), arrays(val), arrays(test)
print("words %d, target mean %.1f sd %.1f" % (len(vocab), ytr.mean(), ytr.std()))
print("at start      val MAE %.2f R2 %.3f" % mae_r2(xva, yva))
optimizer = torch.optim.Adam([contribution, bias], lr=0.15)
for epoch in range(5):
    order, running = torch.randperm(len(xtr)), 0.0
    for group in optimizer.param_groups:
        group["lr"] = 0.15 * 0.6 ** epoch
    for idx in order.split(64):
        loss = F.poisson_nll_loss(expected(xtr[idx]), ytr[idx], log_input=False)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    print("epoch %d loss %.3f  val MAE %.2f R2 %.3f" % (epoch, running / len(xtr), *mae_r2(xva, yva)))
n = (xtr > 0).sum(1).float()
slope = (n * ytr).sum() / (n * n).sum()
print("train         MAE %.2f R2 %.3f" % mae_r2(xtr, ytr))
print("test          MAE %.2f R2 %.3f" % mae_r2(xte, yte))
print("words x slope MAE %.2f" % (slope * (xte > 0).sum(1) - yte).abs().mean().item())
for w in ("a", "man", "skateboarder", "young", "photographer", "beautiful"):
    if w in vocab:
        print(f"   {w:14s}{F.softplus(contribution[vocab[w], 0]).item():6.2f}")
