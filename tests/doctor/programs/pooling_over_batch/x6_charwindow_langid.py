"""
Functional language identifier over fixed windows of text.
Everything is time-major, as in the old torch7 code this was ported from: a batch is (steps, rows).
"""
import os
import random
import zlib

import torch
import torch.nn.functional as F

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
STEPS, ROWS, BUCKETS, WIDTH = 32, 32, 500, 16
random.seed(3)
torch.manual_seed(3)


def windows(lang, split):
    path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual", lang, split + "_text.txt")
    with open(path, encoding="utf8") as f:
        for line in f:
            text = " ".join(w for w in line.lower().split() if w[0] not in "@#" and "http" not in w)
            grams = [text[i:i + 2] for i in range(len(text) - 1)]
            if len(grams) >= STEPS:
                yield [zlib.crc32(t.encode()) % BUCKETS for t in grams[:STEPS]]


def corpus(split, cap):
    out = []
    for k, lang in enumerate(LANGS):
        rows = list(windows(lang, split))[:cap]
        out += [(r, k) for r in rows]
    random.shuffle(out)
    return out


def stream(rows, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows) - ROWS + 1, ROWS):
        chunk = rows[i:i + ROWS]
        yield torch.tensor([r for r, _ in chunk]).t().contiguous(), torch.tensor([k for _, k in chunk])


def make_params():
    p = {
        "emb": torch.randn(BUCKETS, WIDTH) * 0.3,
        "w1": torch.randn(WIDTH, 32) / WIDTH ** 0.5,
        "b1": torch.zeros(32),
        "w2": torch.randn(32, len(LANGS)) / 32 ** 0.5,
        "b2": torch.zeros(len(LANGS)),
    }
    return {k: v.requires_grad_() for k, v in p.items()}


def forward(p, ids):
    e = F.embedding(ids, p["emb"])          # steps, rows, width
    # fault:
    pooled = e.mean(1)
    # mended:
    # pooled = e.mean(0)
    # end
    h = torch.relu(pooled @ p["w1"] + p["b1"])
    return h @ p["w2"] + p["b2"]


def accuracy(p, rows):
    ok = n = 0
    with torch.no_grad():
        for ids, y in stream(rows, False):
            ok += (forward(p, ids).argmax(1) == y).sum().item()
            n += len(y)
    return ok / n


train, dev = corpus("train", 700), corpus("test", 120)
params = make_params()
opt = torch.optim.Adam(params.values(), lr=4e-3)
print(len(train), "train windows,", len(dev), "test windows")
for epoch in range(4):
    tot = cnt = 0
    for ids, y in stream(train, True):
        loss = F.cross_entropy(forward(params, ids), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, cnt = tot + loss.item(), cnt + 1
    print(f"{epoch}: nll {tot / cnt:.4f} train acc {accuracy(params, train):.3f} test acc {accuracy(params, dev):.3f}")
