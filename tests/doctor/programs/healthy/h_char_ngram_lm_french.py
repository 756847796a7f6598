# coding: utf-8
# A Neural Probabilistic Language Model (Bengio et al. 2003), on characters, for French.
# Input and output embeddings are one matrix. Fixed context of 7 characters; a sentence starts with a context of '^'.
import gzip, math, os, unicodedata
import torch
import torch.nn.functional as F

torch.manual_seed(99)
CONTEXT = 7
chars = "^$ abcdefghijklmnopqrstuvwxyz'-,.!?"
c2i = {c: i for i, c in enumerate(chars)}
V = len(chars)

sents = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k % 12:
            continue
        s = unicodedata.normalize("NFD", line.rstrip("\n").split("\t")[1].lower().replace("\u202f", " ").replace("\u2019", "'"))
        s = "".join(c for c in s if c in c2i and c not in "^$")
        if len(s) < 80:
            sents[s] = None         # each sentence once
sents = list(sents)
order = torch.randperm(len(sents)).tolist()
test, train = [sents[i] for i in order[:400]], [sents[i] for i in order[500:3900]]

def examples(ss):
    xs, ys = [], []
    for s in ss:
        ids = [c2i["^"]] * CONTEXT + [c2i[c] for c in s] + [c2i["$"]]
        row = torch.tensor(ids)
        xs.append(row.unfold(0, CONTEXT, 1)[:-1])
        ys.append(row[CONTEXT:])
    return torch.cat(xs), torch.cat(ys)

Xtr, Ytr = examples(train)
Xte, Yte = examples(test)
print(len(Ytr), "training characters,", len(Yte), "test characters")

D, H = 24, 96
def param(*shape, scale):
    return (torch.randn(*shape) * scale).requires_grad_()
E  = param(V, D, scale=1.0)                                  # input *and* output embedding
W1 = param(CONTEXT * D, H, scale=(CONTEXT * D) ** -0.5)
b1 = torch.zeros(H, requires_grad=True)
W2 = param(H, D, scale=0.1 * H ** -0.5)
b2 = torch.zeros(V, requires_grad=True)
params = [E, W1, b1, W2, b2]

def logits(x):
    h = torch.tanh(F.embedding(x, E).flatten(1) @ W1 + b1)
    return (h @ W2) @ E.t() + b2

def bits(x, y):
    with torch.no_grad():
        tot = sum(F.cross_entropy(logits(a), b, reduction="sum").item() for a, b in zip(x.split(4096), y.split(4096)))
    return tot / len(y) / math.log(2)

# plain SGD with momentum, by hand
EPOCHS, BATCH, LR, MU = 4, 256, 0.06, 0.9
velocity = [torch.zeros_like(p) for p in params]
steps, t = EPOCHS * (len(Ytr) // BATCH), 0
for epoch in range(EPOCHS):
    perm = torch.randperm(len(Ytr))
    run = 0.0
    for k in range(len(Ytr) // BATCH):
        idx = perm[k * BATCH:(k + 1) * BATCH]
        loss = F.cross_entropy(logits(Xtr[idx]), Ytr[idx])
        grads = torch.autograd.grad(loss, params)
        lr = LR * 0.5 * (1 + math.cos(math.pi * t / steps))
        with torch.no_grad():
            for p, v, g in zip(params, velocity, grads):
                v.mul_(MU).add_(g)
                p.sub_(lr * v)
        t += 1
        run += loss.item()
    print("epoch %d  train loss %.4f nats   test %.3f bits/char" % (epoch + 1, run / (k + 1), bits(Xte, Yte)))
freq = torch.bincount(Ytr, minlength=V).float() + 1
print("train %.3f  test %.3f bits/char  (unigram %.3f)" % (bits(Xtr[:30000], Ytr[:30000]), bits(Xte, Yte),
      F.cross_entropy((freq / freq.sum()).log().expand(len(Yte), V), Yte).item() / math.log(2)))
g = torch.Generator().manual_seed(1)
for _ in range(3):
    out = [c2i["^"]] * CONTEXT
    while out[-1] != c2i["$"] and len(out) < 60:
        with torch.no_grad():
            out.append(torch.multinomial((logits(torch.tensor([out[-CONTEXT:]])) / 0.7).softmax(-1), 1, generator=g).item())
    print("  ", "".join(chars[i] for i in out[CONTEXT:]))
