"""Which desk gets a wire story?  The headline alone is shown; the desk of the training stories is read off their bodies."""
import gzip
import os
import random
import re
from pathlib import Path

import torch

random.seed(4)
torch.manual_seed(4)
DATA = Path(os.environ["WORDFIT_DATA"])

DESKS = {
    "results": r"\b(shr|net|revs|qtr)\b",
    "energy": r"\b(oil|crude|barrels?|opec|petroleum|gas)\b",
    "farm": r"\b(wheat|corn|grain|soybeans?|farmers?|crop|sugar|coffee|cattle)\b",
    "money": r"\b(dollar|currency|currencies|yen|marks?|central bank|interest rates?|money market)\b",
}
NAMES = list(DESKS)
PER_DESK = 600


def stories():
    head, body = None, []
    with gzip.open(DATA / "corpora" / "reuters-21578-bodies.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if not line:
                if head and body:
                    yield head, " ".join(body)
                head, body = None, []
            elif head is None:
                head = line
            else:
                body.append(line)


def desk_of(body):
    body = body.lower()
    hits = [len(re.findall(p, body)) for p in DESKS.values()]
    best = max(hits)
    if best >= 3 and sum(hits) <= 1.3 * best:
        return hits.index(best)
    return None


def tokens(headline):
    # fault:
    text = headline
    # mended:
    #text = headline.lower()
    # end
    return re.findall(r"[A-Za-z]+", text)[:14]


pile = {d: [] for d in range(len(NAMES))}
seen = set()
for headline, body in stories():
    key = " ".join(re.findall("[a-z]+", headline.lower())[:14])
    if key in seen:
        continue
    seen.add(key)
    if (d := desk_of(body)) is not None:
        pile[d].append(headline)
    if min(map(len, pile.values())) >= PER_DESK:
        break
rows = [(tokens(h), d) for d, hs in pile.items() for h in random.sample(hs, min(PER_DESK, len(hs)))]
random.shuffle(rows)

used = {w for t, _ in rows for w in t}
PAD, UNK = 0, 1
index, vecs = {}, [torch.zeros(50), torch.zeros(50)]
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in used:
            index[w] = len(vecs)
            vecs.append(torch.tensor([float(v) for v in rest.split()]))
glove = torch.stack(vecs)
print({NAMES[d]: sum(y == d for _, y in rows) for d in pile}, "word types", len(used))

X = torch.zeros(len(rows), 14, dtype=torch.long)
for i, (toks, _) in enumerate(rows):
    X[i, :len(toks)] = torch.tensor([index.get(w, UNK) for w in toks], dtype=torch.long)
y = torch.tensor([d for _, d in rows])
n_dev = 480
Xd, yd, Xt, yt = X[:n_dev], y[:n_dev], X[n_dev:], y[n_dev:]

HID = 40
net = {
    "unk": torch.randn(50) * 0.1,
    "W": torch.randn(50, HID) / 50 ** 0.5,
    "b": torch.zeros(HID),
    "V": torch.randn(HID, len(NAMES)) / HID ** 0.5,
    "c": torch.zeros(len(NAMES)),
}
net = {k: v.requires_grad_() for k, v in net.items()}


def forward(net, x, p=0.0):
    e = glove[x] + (x == UNK).float()[..., None] * net["unk"]
    h = torch.tanh(torch.einsum("bte,eh->bth", e, net["W"]) + net["b"])
    h = h.masked_fill((x == PAD)[..., None], -1.0).max(1).values
    h = torch.nn.functional.dropout(h, p, training=p > 0)
    return h @ net["V"] + net["c"]


def score(x, y):
    with torch.no_grad():
        out = forward(net, x)
        return (out.argmax(1) == y).float().mean().item(), torch.nn.functional.cross_entropy(out, y).item()


opt = torch.optim.Adam(net.values(), lr=4e-3, weight_decay=1e-4)
for epoch in range(12):
    for idx in torch.randperm(len(Xt)).split(32):
        opt.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(forward(net, Xt[idx], 0.3), yt[idx]).backward()
        opt.step()
    for g in opt.param_groups:
        g["lr"] *= 0.85
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1:2d}  train acc/loss %.3f %.3f   dev acc/loss %.3f %.3f" % (*score(Xt, yt), *score(Xd, yd)))

with torch.no_grad():
    guess = forward(net, Xd).argmax(1)
for d, name in enumerate(NAMES):
    print(f"  {name:8s} recall {(guess[yd == d] == d).float().mean().item():.3f}")
print(f"dev accuracy {score(Xd, yd)[0]:.3f}, largest desk {yd.bincount().max().item() / len(yd):.3f}")
