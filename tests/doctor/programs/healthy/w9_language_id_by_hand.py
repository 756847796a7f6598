"""Language identification on tweets, hashed character trigrams, softmax regression.
No nn.Module, no optimizer: gradient by autograd, momentum step written out."""
import os, zlib
import torch

root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "spanish", "portuguese"]
BUCKETS = 1 << 12


def grams(line):
    s = " " + " ".join(t for t in line.lower().split() if t[0] not in "@#" and "http" not in t) + " "
    return sorted({zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)})


def load(split, limit):
    out = []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(root, lang, f"{split}_text.txt"), encoding="utf-8") as f:
            for line in list(f)[:limit]:
                g = grams(line)
                if len(g) >= 15:
                    out.append((g, k))
    return out


def to_matrix(rows):
    r = torch.tensor([i for i, (g, _) in enumerate(rows) for _ in g])
    c = torch.tensor([b for g, _ in rows for b in g])
    v = torch.tensor([len(g) ** -0.5 for g, _ in rows for _ in g])
    x = torch.zeros(len(rows), BUCKETS)
    x[r, c] = v
    return x, torch.tensor([k for _, k in rows])


X, y = to_matrix(load("train", 450))
Z, t = to_matrix(load("test", 120))
print(X.shape, Z.shape)
g = torch.Generator().manual_seed(1)
W = torch.zeros(BUCKETS, len(LANGS), requires_grad=True)      # convex, so zeros are a fine start
b = torch.zeros(len(LANGS), requires_grad=True)
vel = [torch.zeros_like(W), torch.zeros_like(b)]
rate, mom = 0.5, 0.9
for epoch in range(5):
    seen = 0.0
    for ix in torch.randperm(len(X), generator=g).split(64):
        scores = X[ix] @ W + b
        loss = (scores.logsumexp(1) - scores.gather(1, y[ix, None])[:, 0]).mean()
        grads = torch.autograd.grad(loss, (W, b))
        with torch.no_grad():
            for p, v, d in zip((W, b), vel, grads):
                v.mul_(mom).add_(d)
                p.sub_(rate * v)
        seen += loss.item() * len(ix)
    rate *= 0.7
    with torch.no_grad():
        acc = [((m @ W + b).argmax(1) == k).double().mean().item() for m, k in ((X, y), (Z, t))]
    print(f"{epoch}: loss {seen / len(X):.4f} train {acc[0]:.4f} test {acc[1]:.4f}")
