"""IMDB polarity with fixed GloVe vectors, weighted averaging and a hand-written optimiser."""
import gzip
import html
import os
import random
import re

import numpy as np
import torch
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
SEED, N_TRAIN, N_TEST, MAXLEN = 23, 3000, 1000, 150
torch.manual_seed(SEED)


def load_reviews(split, n, seen):
    with gzip.open(f"{DATA}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as fh:
        lines = [ln.rstrip("\n").split("\t") for ln in fh]
    lines = [c for c in lines if c[0] in ("0", "1")]
    random.Random(SEED).shuffle(lines)
    out = []
    for c in lines:
        if c[3] in seen:
            continue
        seen.add(c[3])
        words = re.findall(r"[a-z']+", html.unescape(c[3]).replace("<br />", " ").lower())
        out.append((words, int(c[0])))
        if len(out) == n:
            break
    return out


def load_vectors():
    words, rows = {}, [np.zeros(50, dtype=np.float32)]
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *nums = line.rstrip().split(" ")
            words[word] = len(rows)
            rows.append(np.asarray(nums, dtype=np.float32))
    return words, torch.from_numpy(np.stack(rows))


def encode(reviews, words):
    ids = torch.zeros(len(reviews), MAXLEN, dtype=torch.long)
    for i, (tokens, _) in enumerate(reviews):
        known = [words[t] for t in tokens if t in words][-MAXLEN:]
        ids[i, :len(known)] = torch.tensor(known)
    return ids, torch.tensor([y for _, y in reviews], dtype=torch.float32)


words, table = load_vectors()
seen = set()
train_x, train_y = encode(load_reviews("train", N_TRAIN, seen), words)
test_x, test_y = encode(load_reviews("test", N_TEST, seen), words)

gen = torch.Generator().manual_seed(SEED)
theta = {
    "gate": torch.zeros(50, 1),
    "w1": torch.randn(50, 24, generator=gen) / 50 ** 0.5,
    "b1": torch.zeros(24),
    "w2": torch.randn(24, 1, generator=gen) / 24 ** 0.5,
    "b2": torch.zeros(1),
}
for t in theta.values():
    t.requires_grad_(True)


def predict(theta, ids):
    vec = table[ids]
    keep = ids.gt(0)
    logit = (vec @ theta["gate"]).squeeze(-1).masked_fill(~keep, -1e9)
    doc = (logit.softmax(1).unsqueeze(-1) * vec).sum(1)
    hidden = F.leaky_relu(doc @ theta["w1"] + theta["b1"], 0.1)
    return (hidden @ theta["w2"] + theta["b2"]).squeeze(-1)


def descend(theta, rate):
    with torch.no_grad():
        for t in theta.values():
            # fault:
            t.sub_(rate * t.grad)
            # mended:
            #t.sub_(rate * t.grad)
            #t.grad = None
            # end


@torch.no_grad()
def report(tag, x, y):
    z = predict(theta, x)
    nll = F.binary_cross_entropy_with_logits(z, y).item()
    acc = ((z > 0).float() == y).float().mean().item()
    print(f"{tag}: nll {nll:.3f} accuracy {acc:.3f}", end="  ")


EPOCHS, BATCH = 12, 32
for epoch in range(EPOCHS):
    rate = 0.25 * (1 - epoch / EPOCHS)
    for pick in torch.randperm(len(train_x)).split(BATCH):
        loss = F.binary_cross_entropy_with_logits(predict(theta, train_x[pick]), train_y[pick])
        loss.backward()
        descend(theta, rate)
    print(f"[{epoch + 1}]", end=" ")
    report("train", train_x, train_y)
    report("test", test_x, test_y)
    print()
