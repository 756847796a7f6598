"""fastText-style language identification from scratch. No nn.Module, no torch.optim: the SGD is written out,
with the linearly decaying learning rate of the original C++ code. Data: tweets of the UMSAB benchmark."""
import os, re
import numpy as np, torch

g = torch.Generator().manual_seed(42)
LANG = "english french german hindi italian portuguese spanish".split()
BUCKETS, DIM, LR0, EPOCH = 20000, 16, 0.5, 5
root = os.environ["WORDFIT_DATA"] + "/sentiment/umsab-multilingual/"


def ngrams(text):
    out = []
    for w in re.sub(r"@user|http\S*|\\u\w{4}|[^\w\s]|\d|_", " ", text.lower()).split():
        w = "<" + w + ">"
        for n in (2, 3):
            out.extend(w[i:i + n] for i in range(len(w) - n + 1))
    return out


def fnv(s):
    h = 2166136261
    for byte in s.encode("utf-8"):
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h % BUCKETS


cache = {}
def ids(text):
    r = []
    for s in ngrams(text):
        if s not in cache:
            cache[s] = fnv(s)
        r.append(cache[s])
    return r


def part(name, n):
    X, Y, raw = [], [], []
    for k, l in enumerate(LANG):
        for line in open(root + l + "/" + name + "_text.txt", encoding="utf-8").read().split("\n")[:n]:
            i = ids(line)
            if len(i) >= 20:
                X.append(i); Y.append(k); raw.append(line.strip())
    return X, torch.tensor(Y), raw


Xtr, ytr, raw_tr = part("train", 600)
Xte, yte, raw_te = part("test", 250)
known = set(raw_tr)
ok = [i for i, r in enumerate(raw_te) if r not in known]
Xte, yte = [Xte[i] for i in ok], yte[ok]

A = (torch.rand(BUCKETS, DIM, generator=g) - 0.5) * 2 / DIM        # input vectors
B = torch.zeros(DIM, len(LANG))                                    # output vectors (zero as in fastText)


def hidden(batch):
    flat = torch.tensor([i for x in batch for i in x])
    seg = torch.repeat_interleave(torch.arange(len(batch)), torch.tensor([len(x) for x in batch]))
    n = torch.tensor([len(x) for x in batch], dtype=torch.float)[:, None]
    return flat, seg, n, torch.zeros(len(batch), DIM).index_add_(0, seg, A[flat]) / n


def test(X, Y):
    h = hidden(X)[3]
    return ((h @ B).argmax(1) == Y).float().mean().item()


steps, BS, step = EPOCH * (len(Xtr) // 8), 8, 0
for ep in range(EPOCH):
    total = 0.
    perm = torch.randperm(len(Xtr), generator=g)
    for s in range(0, len(perm) - BS + 1, BS):
        rows = perm[s:s + BS]
        lr = LR0 * (1 - step / steps); step += 1
        flat, seg, n, h = hidden([Xtr[i] for i in rows])
        p = torch.softmax(h @ B, 1)
        total -= p[torch.arange(BS), ytr[rows]].log().sum().item()
        d = p; d[torch.arange(BS), ytr[rows]] -= 1.                # dL/dlogits
        dh = d @ B.T
        B -= lr * h.T @ d                                          # sums over the batch, as BS sequential updates would
        A.index_add_(0, flat, -lr * (dh / n)[seg] * 1.0)
    print(f"epoch {ep + 1} lr {lr:.3f} loss {total / len(perm):.4f} P@1 train {test(Xtr, ytr):.4f} test {test(Xte, yte):.4f}")
print(len(Xtr), "train", len(Xte), "test", np.bincount(yte.numpy()))
