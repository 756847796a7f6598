# GloVe objective written from the paper, on a made-up corpus with a known semantic structure.
# AdaGrad by hand, as in the C code. No autograd optimizer anywhere.
from collections import Counter
import numpy as np
import torch

torch.manual_seed(0)
random = np.random.default_rng(0)

GROUPS = {
    "animal": ["cat", "dog", "horse", "cow", "sheep", "goat", "pig", "duck"],
    "city": ["paris", "rome", "berlin", "madrid", "vienna", "oslo", "prague", "lisbon"],
    "food": ["bread", "cheese", "soup", "rice", "apple", "pasta", "salad", "cake"],
    "tool": ["hammer", "saw", "drill", "wrench", "chisel", "pliers", "file", "clamp"],
}
CONTEXT = {
    "animal": ["runs", "eats", "farm", "fur", "barks", "tail"],
    "city": ["capital", "visit", "train", "airport", "street", "museum"],
    "food": ["cook", "taste", "plate", "kitchen", "sweet", "salt"],
    "tool": ["garage", "repair", "metal", "handle", "wood", "bench"],
}
FILL = ["the", "a", "of", "in", "and", "with", "very", "old"]

corpus = []
for _ in range(6000):
    g = random.choice(list(GROUPS))
    s = list(random.choice(GROUPS[g], 2)) + list(random.choice(CONTEXT[g], 3)) + list(random.choice(FILL, 3))
    random.shuffle(s)
    corpus.append(s)

freq = Counter(w for s in corpus for w in s)
itos = [w for w, _ in freq.most_common()]
stoi = {w: i for i, w in enumerate(itos)}


def cooc(sents, window=4):
    c = Counter()
    for s in sents:
        ids = [stoi[w] for w in s]
        for i, a in enumerate(ids):
            for j in range(max(0, i - window), i):
                c[a, ids[j]] += 1.0 / (i - j)
                c[ids[j], a] += 1.0 / (i - j)
    return c


C = cooc(corpus)
items = list(C.items())
I = torch.tensor([k[0] for k, _ in items])
J = torch.tensor([k[1] for k, _ in items])
X = torch.tensor([v for _, v in items])
print(len(itos), "words", len(X), "non-zero cells")

D, XMAX, ALPHA, LR = 16, 100.0, 0.75, 0.1
V = len(itos)
params = [((torch.rand(V, D) - .5) / D).requires_grad_(), ((torch.rand(V, D) - .5) / D).requires_grad_(),
          torch.zeros(V, requires_grad=True), torch.zeros(V, requires_grad=True)]
W, Wt, b, bt = params
G2 = [torch.ones_like(p) for p in params]
fweight = (X / XMAX).pow(ALPHA).clamp(max=1.0)
logX = X.log()

for epoch in range(40):
    perm = torch.randperm(len(X))
    total = 0.0
    for chunk in perm.split(64):
        i, j = I[chunk], J[chunk]
        diff = (W[i] * Wt[j]).sum(1) + b[i] + bt[j] - logX[chunk]
        cost = 0.5 * (fweight[chunk] * diff ** 2).sum()
        grads = torch.autograd.grad(cost, params)
        with torch.no_grad():
            for p, g, h in zip(params, grads, G2):
                h += g * g
                p -= LR * g / h.sqrt()
        total += cost.item()
    if epoch % 6 == 0 or epoch == 39:
        print("epoch %2d  cost %.4f" % (epoch, total / len(X)))

vec = (W + Wt).detach()
vec = vec / vec.norm(dim=1, keepdim=True)
right = n = 0
for g, words in GROUPS.items():
    for w in words:
        sims = vec @ vec[stoi[w]]
        cand = [(sims[stoi[o]].item(), h) for h in GROUPS for o in GROUPS[h] if o != w]
        top = sorted(cand, reverse=True)[:5]
        right += sum(h == g for _, h in top)
        n += 5
print("neighbours of same group: %.3f (chance %.3f)" % (right / n, 7 / 31))
