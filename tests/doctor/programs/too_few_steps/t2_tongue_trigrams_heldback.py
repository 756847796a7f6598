# English, French, German or Czech? Character trigrams hashed into a table,
# summed, and a linear read-out. No modules, only tensors. Sentences are from
# image captions, cut to a few letters so that it is not trivial.
import gzip
import os
import zlib

import torch

torch.manual_seed(3)
BUCKETS, DIM = 3000, 16
LANGS = ["en", "fr", "de", "cs"]
# fault:
EPOCHS = 2
# mended:
#EPOCHS = 30
# end
LR = 0.15
BATCH = 64
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def sentences(lang, n):
    with gzip.open(os.path.join(FOLDER, f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [next(f).strip().lower() for _ in range(n)]


def strip_accents(s):
    # telex quality: only a-z and blanks survive
    return "".join(c if "a" <= c <= "z" or c == " " else "" for c in s)


def grams(s):
    s = f" {s} "
    return [1 + zlib.crc32(s[i:i + 3].encode()) % (BUCKETS - 1) for i in range(len(s) - 2)]


rows = {}
for k, lang in enumerate(LANGS):
    for j, s in enumerate(sentences(lang, 1500)):
        start = (7 * j) % 12
        piece = strip_accents(s)[start:start + 14]
        if len(piece) > 9:
            rows[piece] = k
pieces = list(rows)
perm = torch.randperm(len(pieces)).tolist()
pieces = [pieces[i] for i in perm]

width = max(len(grams(p)) for p in pieces)
X = torch.zeros(len(pieces), width, dtype=torch.long)
for i, p in enumerate(pieces):
    g = grams(p)
    X[i, :len(g)] = torch.tensor(g)
Y = torch.tensor([rows[p] for p in pieces])
n_val = 1000
Xv, Yv, Xt, Yt = X[:n_val], Y[:n_val], X[n_val:], Y[n_val:]

table = (0.1 * torch.randn(BUCKETS, DIM)).requires_grad_()
W = (0.3 * torch.randn(DIM, len(LANGS))).requires_grad_()
b = torch.zeros(len(LANGS), requires_grad=True)


def logits(ids):
    keep = (ids > 0).float().unsqueeze(-1)
    summed = (table[ids] * keep).sum(1) / keep.sum(1).sqrt()
    return summed @ W + b


def measure(ids, y):
    with torch.no_grad():
        z = logits(ids)
        return torch.nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


print(f"{len(Xt)} pieces to learn from, {n_val} held out, e.g. {pieces[:4]}")
opt = torch.optim.SGD([table, W, b], lr=LR)
steps = 0
for epoch in range(EPOCHS):
    order = torch.randperm(len(Xt))
    for part in order.split(BATCH):
        loss = torch.nn.functional.cross_entropy(logits(Xt[part]), Yt[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
        steps += 1
        if steps % 40 == 0:
            print(f"step {steps:5d}  batch loss {loss.item():.4f}")
vl, va = measure(Xv, Yv)
tl, ta = measure(Xt, Yt)
print(f"train loss {tl:.4f} acc {ta:.3f} | held out loss {vl:.4f} acc {va:.3f}")
