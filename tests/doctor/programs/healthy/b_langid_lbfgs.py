# Language of a caption (en/de/fr/cs) from hashed character trigrams. Convex, so: full batch, L-BFGS with strong Wolfe line search.
import gzip
import os
import random
import zlib
import torch

random.seed(9)
torch.manual_seed(9)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
D = 2 ** 11


def load(part, limit):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{BASE}/{part}.{lang}.gz", "rt", encoding="utf-8") as f:
            lines = [l.strip().lower() for l in f if l.strip()]
        # only a snippet of three words, whole captions are too easy; every language takes other captions
        for j, l in enumerate(lines[k::len(LANGS)][:limit]):
            w = l.split()
            s = random.randrange(max(1, len(w) - 2))
            rows.append((" ".join(w[s:s + 3]), k))
    random.shuffle(rows)
    return rows


def features(rows):
    r, c = [], []
    for i, (t, _) in enumerate(rows):
        t = f" {t} "
        for j in range(len(t) - 2):
            r.append(i); c.append(zlib.crc32(t[j:j + 3].encode()) % D)
    X = torch.zeros(len(rows), D).index_put_((torch.tensor(r), torch.tensor(c)), torch.ones(len(r)), accumulate=True)
    return X / X.norm(dim=1, keepdim=True).clamp_min(1.0), torch.tensor([y for _, y in rows])


train, val = load("train", 700), load("val", 250)
known = {t for t, _ in train}
val = [(t, y) for t, y in val if t not in known]
Xt, yt = features(train)
Xv, yv = features(val)
print("train", tuple(Xt.shape), "val", tuple(Xv.shape), "val classes", torch.bincount(yv).tolist())

W = torch.zeros(len(LANGS), D, requires_grad=True)
b = torch.zeros(len(LANGS), requires_grad=True)
opt = torch.optim.LBFGS([W, b], lr=1.0, max_iter=4, history_size=8, line_search_fn="strong_wolfe")
lam = 2e-4


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.cross_entropy(Xt @ W.T + b, yt) + lam * W.pow(2).sum()
    loss.backward()
    return loss


for it in range(10):
    loss = opt.step(closure)
    with torch.no_grad():
        z = Xv @ W.T + b
        print(f"outer {it} objective {loss.item():.4f} val loss {torch.nn.functional.cross_entropy(z, yv).item():.4f} val acc {(z.argmax(1) == yv).float().mean().item():.4f}")
with torch.no_grad():
    for t in ["zwei hunde laufen", "un homme en", "two men are", "dva muži v"]:
        print(t, "->", LANGS[int((features([(t, 0)])[0] @ W.T + b).argmax())])
