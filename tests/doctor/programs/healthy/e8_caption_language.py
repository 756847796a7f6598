# Picture library: which language is a caption in? Hashed character trigrams, a single pass over the data.
import gzip
import os
import zlib

import torch
import torch.nn.functional as F

torch.manual_seed(1)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS, DIM = 3000, 16


def read(name, lang, n):
    with gzip.open(os.path.join(BASE, f"{name}.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [line.strip() for line, _ in zip(f, range(n))]


def trigrams(text):
    t = "^" + text.lower() + "$"
    return [zlib.crc32(t[i:i + 3].encode()) % BUCKETS for i in range(len(t) - 2)]


def pack(texts):
    flat, offsets = [], []
    for t in texts:
        offsets.append(len(flat))
        flat += trigrams(t)
    return torch.tensor(flat), torch.tensor(offsets)


train = [(t[:25], k) for k, lang in enumerate(LANGS) for t in dict.fromkeys(read("train", lang, 1200))]
known = {t for t, _ in train}
val = [(t[:25], k) for k, lang in enumerate(LANGS) for t in read("val", lang, 300)]
val = [(t, k) for t, k in val if t not in known]
print(len(train), "captions for training,", len(val), "for validation")

table = torch.randn(BUCKETS, DIM).mul_(0.1).requires_grad_()
weight = torch.zeros(len(LANGS), DIM).normal_(0, 0.2).requires_grad_()
bias = torch.zeros(len(LANGS), requires_grad=True)
params = [table, weight, bias]
opt = torch.optim.Adam(params, lr=0.02)


def logits(texts):
    flat, offsets = pack(texts)
    return F.linear(F.embedding_bag(flat, table, offsets, mode="mean"), weight, bias)


def accuracy(rows):
    with torch.no_grad():
        texts, ks = zip(*rows)
        return (logits(texts).argmax(1) == torch.tensor(ks)).float().mean().item()


print("before training: %.3f" % accuracy(val))
order = torch.randperm(len(train)).tolist()
BATCH = 24
for step, i in enumerate(range(0, len(order), BATCH)):
    texts, ks = zip(*(train[j] for j in order[i:i + BATCH]))
    loss = F.cross_entropy(logits(texts), torch.tensor(ks))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 25 == 0:
        print(f"step {step:4d} loss {loss.item():.3f} validation {accuracy(val):.3f}")
print("train %.3f" % accuracy(train))
print("validation %.3f" % accuracy(val))
for text in ["two children on a swing", "zwei Kinder auf einer Schaukel", "deux enfants sur une balançoire", "dvě děti na houpačce"]:
    print(f"{text:35s} -> {LANGS[logits([text]).argmax().item()]}")
