# Makemore-style MLP, all tensors by hand: which language does this single word belong to? (captions in 4 languages)
import gzip, os, random, re
import torch
import torch.nn.functional as F

random.seed(1337)
g = torch.Generator().manual_seed(1337)
LANG = ["en", "de", "fr", "cs"]
LEN = 8
seen, owner = {}, {}
for k, lang in enumerate(LANG):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
        for _, line in zip(range(6000), f):
            for w in re.findall(r"[^\W\d_]{4,}", line.lower()):
                owner.setdefault(w, set()).add(k)
words = [(w, next(iter(s))) for w, s in sorted(owner.items()) if len(s) == 1]
random.shuffle(words)
by = {k: [w for w, l in words if l == k][:1300] for k in range(4)}
data = [(w, k) for k in by for w in by[k]]
random.shuffle(data)
chars = sorted({c for w, _ in data for c in w})
ix = {c: i + 1 for i, c in enumerate(chars)}

def encode(w):
    w = w if len(w) <= LEN else w[:LEN // 2] + w[-LEN // 2:]      # start and end of a long word
    return [ix[c] for c in w] + [0] * (LEN - len(w))

X = torch.tensor([encode(w) for w, _ in data])
Y = torch.tensor([k for _, k in data])
n = len(data) * 8 // 10
Xtr, Ytr, Xte, Yte = X[:n], Y[:n], X[n:], Y[n:]

d, h = 10, 100
C = torch.randn(len(chars) + 1, d, generator=g)
# fault:
W1 = torch.randn(LEN * d, h, generator=g)
b1 = torch.randn(h, generator=g)
W2 = torch.randn(h, len(LANG), generator=g)
b2 = torch.randn(len(LANG), generator=g)
# mended:
# W1 = torch.randn(LEN * d, h, generator=g) * (LEN * d) ** -0.5
# b1 = torch.zeros(h)
# W2 = torch.randn(h, len(LANG), generator=g) * 0.02
# b2 = torch.zeros(len(LANG))
# end
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad_()

def forward(x):
    return torch.tanh(C[x].flatten(1) @ W1 + b1) @ W2 + b2

@torch.no_grad()
def report(x, y):
    z = forward(x)
    return F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()

print("%d words, at the start: loss %.3f acc %.3f" % ((len(data),) + report(Xtr, Ytr)))
epochs, batch, lr = 8, 32, 0.15
for ep in range(epochs):
    rate = lr * (1.0 if ep < 4 else 0.3 if ep < 6 else 0.1)
    for idx in torch.randperm(n, generator=g).split(batch):
        loss = F.cross_entropy(forward(Xtr[idx]), Ytr[idx])
        for p in params:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= rate * p.grad
    print("epoch %d train loss %.3f acc %.3f | test loss %.3f acc %.3f" % ((ep,) + report(Xtr, Ytr) + report(Xte, Yte)))
