# language identification of tweets with hashed character trigrams; no vocabulary is stored
import os, zlib
from pathlib import Path
import numpy as np, torch

torch.manual_seed(0)
root = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["spanish", "portuguese", "hindi", "german", "french", "italian"]
LANGS = [l for l in LANGS if (root / l / "train_text.txt").exists()]
BUCKETS = 4096


def load(lang, part, n):
    lines = (root / lang / f"{part}_text.txt").read_text(encoding="utf-8").split("\n")
    keep = []
    for t in lines:
        toks = [w for w in t.lower().split() if not w.startswith(("@", "#", "http"))]
        if len(toks) >= 4:
            keep.append(" ".join(toks)[:100])
    return keep[:n]


def trigrams(text):
    s = f" {text} "
    return [zlib.crc32(s[i:i + 3].encode("utf-8")) % BUCKETS for i in range(len(s) - 2)]


def matrix(texts):
    M = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for i, t in enumerate(texts):
        for h in trigrams(t):
            M[i, h] += 1
    M = np.sqrt(M)
    return torch.from_numpy(M / np.linalg.norm(M, axis=1, keepdims=True))


def build(part, n):
    texts, labels = [], []
    for k, l in enumerate(LANGS):
        rows = load(l, part, n)
        texts += rows
        labels += [k] * len(rows)
    return texts, torch.tensor(labels)


train_t, train_y = build("train", 400)
test_t, test_y = build("test", 150)
seen = set(train_t)
keep = [i for i, t in enumerate(test_t) if t not in seen]
test_t, test_y = [test_t[i] for i in keep], test_y[keep]
Xtr, Xte = matrix(train_t), matrix(test_t)
print(len(train_t), "train tweets,", len(test_t), "test tweets,", LANGS)

W = torch.zeros(BUCKETS, len(LANGS), requires_grad=True)      # convex problem, zeros are fine
b = torch.zeros(len(LANGS), requires_grad=True)
opt = torch.optim.SGD([W, b], lr=1.0, momentum=0.9)
for epoch in range(6):
    order = torch.randperm(len(Xtr))
    tot = 0.0
    for idx in order.split(50):
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(Xtr[idx] @ W + b, train_y[idx]) + 2e-4 * W.pow(2).sum()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        tr = ((Xtr @ W + b).argmax(1) == train_y).float().mean()
        te = ((Xte @ W + b).argmax(1) == test_y).float().mean()
    print(f"epoch {epoch + 1} objective {tot / len(Xtr):.3f} train acc {tr:.3f} test acc {te:.3f}")
for k, l in enumerate(LANGS):
    with torch.no_grad():
        sel = test_y == k
        print(f"  {l:12s} recall {((Xte[sel] @ W + b).argmax(1) == k).float().mean():.3f}")
