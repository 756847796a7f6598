"""Tell the language of a picture caption (Multi30k) from its letter pairs."""
import gzip
import os
import random
from dataclasses import dataclass

import torch

random.seed(9)
torch.manual_seed(9)
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["cs", "de", "en", "fr"]
BUCKETS = 4096


def captions(stem, lang, n, skip=0):
    with gzip.open(os.path.join(FOLDER, f"{stem}.{lang}.gz"), "rt", encoding="utf-8") as f:
        lines = [x.strip().lower() for x in f]
    return [x for x in lines[skip:skip + n] if len(x) > 12]


def pairs(text, start, length=24):
    """Ids of neighbouring letters in a short window of the caption (headings are cut that short in the app)."""
    piece = text[start:start + length]
    return [(ord(a) * 131 + ord(b)) % BUCKETS for a, b in zip(piece, piece[1:])]


def load(stem, n):
    found = []
    for k, lang in enumerate(LANGS):
        for c in captions(stem, lang, n):
            found.append((pairs(c, random.randint(0, max(0, len(c) - 24)), random.randint(14, 24)), k))
    random.shuffle(found)
    return [d for d, _ in found], [k for _, k in found]


@dataclass
class Split:
    ids: torch.Tensor
    mask: torch.Tensor
    lang: torch.Tensor

    @classmethod
    def of(cls, docs, langs):
        width = max(map(len, docs))
        ids = torch.zeros(len(docs), width, dtype=torch.long)
        mask = torch.zeros(len(docs), width)
        for i, d in enumerate(docs):
            ids[i, :len(d)] = torch.tensor(d)
            mask[i, :len(d)] = 1
        return cls(ids, mask, torch.tensor(langs))


docs, langs = load("train", 900)
# long windows together with long ones, so that a batch has little padding
by_size = sorted(range(len(docs)), key=lambda i: (len(docs[i]), random.random()))
# fault:
docs = [docs[i] for i in by_size]
# mended:
#docs, langs = [docs[i] for i in by_size], [langs[i] for i in by_size]
# end
train = Split.of(docs, langs)
known = set(map(tuple, docs))
val = Split.of(*zip(*[(d, k) for d, k in zip(*load("val", 250)) if tuple(d) not in known]))

DIM = 16
table = (torch.randn(BUCKETS, DIM) * 0.2).requires_grad_()
gate = torch.zeros(DIM, requires_grad=True)
U = (torch.randn(DIM, len(LANGS)) * 0.2).requires_grad_()
u0 = torch.zeros(len(LANGS), requires_grad=True)
PARAMS = [table, gate, U, u0]


def logits(ids, mask):
    e = table[ids]
    a = (e @ gate).masked_fill(mask == 0, -1e9).softmax(1)
    return torch.einsum("bl,bld->bd", a, e) @ U + u0


def accuracy(s):
    with torch.no_grad():
        return (logits(s.ids, s.mask).argmax(1) == s.lang).float().mean().item()


def batches(s, size):
    runs = list(torch.arange(len(s.lang)).split(size))
    random.shuffle(runs)
    for r in runs:
        w = int(s.mask[r].sum(1).max())
        yield s.ids[r, :w], s.mask[r, :w], s.lang[r]


adagrad = [torch.zeros_like(p) for p in PARAMS]
for epoch in range(6):
    losses = []
    for ids, mask, lang in batches(train, 30):
        loss = torch.nn.functional.cross_entropy(logits(ids, mask), lang)
        losses.append(loss.item())
        for p, g, acc in zip(PARAMS, torch.autograd.grad(loss, PARAMS), adagrad):
            acc += g * g
            p.data -= 0.06 * g / (acc.sqrt() + 1e-7)
    print(f"epoch {epoch + 1}  loss {sum(losses) / len(losses):.3f}  train {accuracy(train):.3f}  val {accuracy(val):.3f}")

with torch.no_grad():
    guess = logits(val.ids, val.mask).argmax(1)
for k, lang in enumerate(LANGS):
    row = [(guess[val.lang == k] == j).float().mean().item() for j in range(len(LANGS))]
    print(lang, " ".join(f"{v:.2f}" for v in row))
print(f"val accuracy {accuracy(val):.3f} with {len(LANGS)} languages of equal size")
