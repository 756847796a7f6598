# Next-letter model over English words (Bengio 2003 style), everything by hand.
import collections, gzip, math, os, re
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2147483647)

cnt = collections.Counter()
with gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/brown.txt.gz", "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n == 20000:
            break
        cnt.update(re.findall(r"\b[a-z]{3,12}\b", line))
words = sorted(w for w, c in cnt.items() if c >= 2)
perm = torch.randperm(len(words), generator=g).tolist()
words = [words[i] for i in perm]
print(len(words), "words", words[:6])

block = 3
stoi = {ch: i + 1 for i, ch in enumerate("abcdefghijklmnopqrstuvwxyz")}
stoi["."] = 0

def build(ws):
    X, Y = [], []
    for w in ws:
        ctx = [0] * block
        for ch in w + ".":
            X.append(ctx); Y.append(stoi[ch])
            ctx = ctx[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)

cut = int(0.9 * len(words))
Xtr, Ytr = build(words[:cut])
Xdev, Ydev = build(words[cut:])

D, H, V = 10, 64, 27
C = torch.randn((V, D), generator=g)
# fault:
W1 = torch.randn((D * block, H), generator=g)
b1 = torch.randn(H, generator=g)
W2 = torch.randn((H, V), generator=g) * 2
b2 = torch.randn(V, generator=g)
# mended:
# W1 = torch.randn((D * block, H), generator=g) * (5 / 3) / math.sqrt(D * block)
# b1 = torch.zeros(H)
# W2 = torch.randn((H, V), generator=g) * 0.02
# b2 = torch.zeros(V)
# end
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters), "parameters")

def logits(x):
    emb = C[x].view(x.shape[0], -1)
    return torch.tanh(emb @ W1 + b1) @ W2 + b2

@torch.no_grad()
def report(tag):
    tr, dv = F.cross_entropy(logits(Xtr), Ytr).item(), F.cross_entropy(logits(Xdev), Ydev).item()
    print(f"{tag:>6}  train nll {tr:.4f}  dev nll {dv:.4f}  dev bits/char {dv / math.log(2):.3f}")

STEPS, B = 3000, 128
report("start")
for step in range(STEPS):
    ix = torch.randint(0, Xtr.shape[0], (B,), generator=g)
    loss = F.cross_entropy(logits(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.3 if step < 1800 else 0.03 if step < 2600 else 0.005
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad
    if (step + 1) % 600 == 0:
        report(str(step + 1))
