import gzip, os, zlib
import torch
import torch.nn.functional as F

# language identification of short snippets (15 characters), bagging of three hashed character-n-gram models
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
g = torch.Generator().manual_seed(99)
torch.manual_seed(99)

def snippets(fname, n):
    out = []
    with gzip.open(os.path.join(D, fname), "rt", encoding="utf-8") as f:
        for k, line in enumerate(f):
            if k == n: break
            line = line.strip().lower()
            if len(line) < 20: continue
            p = int(torch.randint(0, len(line) - 15, (1,), generator=g))
            out.append(line[p:p + 15])
    return out

def grams(s):
    return [zlib.crc32((str(n) + s[i:i + n]).encode()) % BUCKETS for n in (1, 2, 3) for i in range(len(s) - n + 1)]

def dataset(pattern, n):
    X, Y = [], []
    for y, l in enumerate(LANGS):
        for s in snippets(pattern.format(l), n):
            X.append(grams(s)); Y.append(y)
    return torch.tensor(X), torch.tensor(Y)          # all snippets give 42 n-grams: a plain matrix

Xtr, Ytr = dataset("train.{}.gz", 1500)
Xva, Yva = dataset("val.{}.gz", 1000)
Xte, Yte = dataset("test_2016_flickr.{}.gz", 1000)
print(Xtr.shape, Xva.shape, Xte.shape)

def init():
    E = (torch.randn(BUCKETS, 16) * .1).requires_grad_()
    W = (torch.randn(16, len(LANGS)) * .25).requires_grad_()
    b = torch.zeros(len(LANGS), requires_grad=True)
    return E, W, b

def logits(params, X):
    E, W, b = params
    return F.embedding(X, E).mean(1) @ W + b

members = []
for m in range(3):
    boot = torch.randint(0, len(Xtr), (len(Xtr),), generator=g)     # with replacement
    params = init()
    opt = torch.optim.Adam(params, lr=.02)
    for epoch in range(3):
        boot = boot[torch.randperm(len(boot), generator=g)]
        total = 0.
        for idx in boot.split(100):
            loss = F.cross_entropy(logits(params, Xtr[idx]), Ytr[idx], label_smoothing=.02)
            opt.zero_grad(); loss.backward(); opt.step()
            total += loss.item() * len(idx)
    with torch.no_grad():
        acc = (logits(params, Xva).argmax(1) == Yva).float().mean()
    print(f"member {m}: last train loss {total / len(boot):.3f}, val acc {acc:.4f}")
    members.append([p.detach() for p in params])

def vote(X):
    return torch.stack([logits(p, X).softmax(-1) for p in members]).mean(0)

for name, X, Y in (("train", Xtr, Ytr), ("val", Xva, Yva), ("test", Xte, Yte)):
    P = vote(X)
    print(f"{name:5s} ensemble acc {(P.argmax(1) == Y).float().mean():.4f}  nll {F.nll_loss(P.log(), Y):.4f}")
conf = torch.zeros(4, 4, dtype=torch.long)
for t, p in zip(Yte, vote(Xte).argmax(1)): conf[t, p] += 1
print(conf)
