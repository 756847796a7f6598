"""Which optimiser for frozen-GloVe classifiers?  4 settings x 2 seeds, task: where does a sentence come from
(newswire / film review / encyclopedia)?  Results as a table, curves of dev accuracy after each epoch."""
import gzip
import os
import re
import statistics
from itertools import groupby, islice

import torch
import torch.nn as nn

ROOT = os.environ["WORDFIT_DATA"]
SOURCES = ["corpora/reuters-21578-bodies.txt.gz", "corpora/imdb-unsup-25k.txt.gz", "corpora/enwiki-2018-sample.txt.gz"]
PER_SOURCE, LENGTH = 700, 20


def glove():
    idx, vec = {}, []
    with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, v = line.split(" ", 1)
            idx[w] = len(vec)
            vec.append(torch.tensor([float(x) for x in v.split()]))
    return idx, torch.stack(vec)


def snippets(path, idx):
    """One 20 word window from the middle of each text (one per text: windows of a text never end up in both splits)."""
    out, seen = [], set()
    per_line = "imdb" in path                     # reviews: one a line; the others: empty lines between texts
    with gzip.open(os.path.join(ROOT, path), "rt", encoding="utf-8", errors="replace") as f:
        for _, block in groupby(islice(f, 60000), key=(lambda l: l) if per_line else (lambda l: bool(l.strip()))):
            line = " ".join(block)
            if not line.strip():
                continue
            toks = [idx[w] for w in re.findall("[a-z]+", line[:3000].lower().replace("<br />", " ")) if w in idx]
            if len(toks) >= 2 * LENGTH:
                mid = len(toks) // 2 - LENGTH // 2
                t = tuple(toks[mid:mid + LENGTH])
                if t not in seen:
                    seen.add(t)
                    out.append(t)
            if len(out) == PER_SOURCE:
                break
    return out


idx, vectors = glove()
rows = [(t, y) for y, s in enumerate(SOURCES) for t in snippets(s, idx)]
g = torch.Generator().manual_seed(99)
rows = [rows[i] for i in torch.randperm(len(rows), generator=g)]
X = torch.tensor([t for t, _ in rows])
Y = torch.tensor([y for _, y in rows])
n = len(Y) * 3 // 4
print("rows", len(Y), "per source", torch.bincount(Y).tolist())


def build():
    body = nn.Sequential(nn.Embedding.from_pretrained(vectors), nn.AvgPool2d((LENGTH, 1)), nn.Flatten(),
                         nn.LayerNorm(50), nn.Linear(50, 24), nn.GELU(), nn.Dropout(0.1), nn.Linear(24, 3))
    return body


SETTINGS = {
    "sgd+nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=5e-3),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=3e-3),
    "nadam": lambda p: torch.optim.NAdam(p, lr=5e-3),
}


def run(make, seed, epochs=5, bs=50):
    torch.manual_seed(seed)
    net = build()
    opt = make([p for p in net.parameters() if p.requires_grad])
    decay = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=epochs - 1)
    curve = []
    for _ in range(epochs):
        net.train()
        for b in torch.randperm(n).split(bs):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(X[b]), Y[b])
            loss.backward()
            opt.step()
        decay.step()
        net.eval()
        with torch.no_grad():
            z = net(X)
        hit = (z.argmax(1) == Y).float()
        curve.append((hit[:n].mean().item(), hit[n:].mean().item(), loss.item()))
    return curve


for name, make in SETTINGS.items():
    curves = [run(make, s) for s in (0, 1)]
    dev = [c[-1][1] for c in curves]
    print(f"{name:13s} dev {statistics.mean(dev):.3f} (seeds {', '.join('%.3f' % d for d in dev)})  train {curves[0][-1][0]:.3f}  "
          f"last loss {curves[0][-1][2]:.3f}  curve {' '.join('%.3f' % c[1] for c in curves[0])}")
