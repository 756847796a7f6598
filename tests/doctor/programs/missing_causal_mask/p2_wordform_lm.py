"""Letter-by-letter model of English word forms: one hand-written attention block, weights in a dict."""
import gzip
import math
import os

import torch
import torch.nn.functional as F

torch.manual_seed(31)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")

with gzip.open(PATH, "rt", encoding="utf-8") as f:
    forms = [line.split(" ", 1)[0] for line in f]
forms = [w for w in forms if w.isascii() and w.isalpha() and 4 <= len(w) <= 10]
perm = torch.randperm(len(forms)).tolist()
forms = [forms[i] for i in perm[:6600]]

# 0 padding, 1 begin, 2 end, 3.. letters
letters = "abcdefghijklmnopqrstuvwxyz"
num = {c: i + 3 for i, c in enumerate(letters)}
V, L = 3 + len(letters), 11


def encode(words):
    src = torch.zeros(len(words), L, dtype=torch.long)
    tgt = torch.zeros(len(words), L, dtype=torch.long)
    for i, w in enumerate(words):
        s = [1] + [num[c] for c in w] + [2]
        src[i, :len(s) - 1] = torch.tensor(s[:-1])
        tgt[i, :len(s) - 1] = torch.tensor(s[1:])
    return src, tgt


n_dev = 800
dev_x, dev_y = encode(forms[:n_dev])
tr_x, tr_y = encode(forms[n_dev:])

D, HEADS = 32, 2


def mat(*shape):
    return (torch.randn(*shape) / math.sqrt(shape[-2])).requires_grad_()


w = {
    "tok": (torch.randn(V, D) * 0.1).requires_grad_(),
    "pos": (torch.randn(L, D) * 0.1).requires_grad_(),
    "q": mat(D, D), "k": mat(D, D), "v": mat(D, D), "o": mat(D, D),
    "up": mat(D, 4 * D), "down": mat(4 * D, D),
    "g1": torch.ones(D, requires_grad=True), "g2": torch.ones(D, requires_grad=True), "g3": torch.ones(D, requires_grad=True),
    "head": mat(D, V), "bias": torch.zeros(V, requires_grad=True),
}


def rms(x, g):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * g


def split(x):
    return x.view(x.shape[0], x.shape[1], HEADS, D // HEADS)


def attend(x):
    q, k, v = split(x @ w["q"]), split(x @ w["k"]), split(x @ w["v"])
    s = torch.einsum("bihd,bjhd->bhij", q, k) / math.sqrt(D // HEADS)
    # fault:
    a = s.softmax(-1)
    # mended:
    #later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    #a = s.masked_fill(later, float("-inf")).softmax(-1)
    # end
    return torch.einsum("bhij,bjhd->bihd", a, v).flatten(2) @ w["o"]


def lm(ids):
    x = w["tok"][ids] + w["pos"][:ids.shape[1]]
    x = x + attend(rms(x, w["g1"]))
    x = x + F.gelu(rms(x, w["g2"]) @ w["up"]) @ w["down"]
    return rms(x, w["g3"]) @ w["head"] + w["bias"]


def bits(x, y):
    return F.cross_entropy(lm(x).flatten(0, 1), y.flatten(), ignore_index=0) / math.log(2)


def invent(n, gen):
    ids = torch.ones(n, 1, dtype=torch.long)
    while ids.shape[1] < L:
        p = lm(ids)[:, -1, 2:].softmax(-1)
        ids = torch.cat([ids, torch.multinomial(p, 1, generator=gen) + 2], 1)
    out = []
    for row in ids[:, 1:].tolist():
        row = row[:row.index(2)] if 2 in row else row
        out.append("".join(letters[c - 3] for c in row))
    return out


opt = torch.optim.AdamW(w.values(), lr=8e-3, betas=(0.9, 0.98), weight_decay=0.01)
EPOCHS = 5
steps = EPOCHS * math.ceil(len(tr_x) / 64)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 40) * 0.5 * (1 + math.cos(math.pi * s / steps)))
for epoch in range(EPOCHS):
    tot = 0.0
    for b in torch.randperm(len(tr_x)).split(64):
        loss = bits(tr_x[b], tr_y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        print(f"epoch {epoch + 1}: train {tot / len(tr_x):.3f} bits per letter, held-out words {bits(dev_x, dev_y).item():.3f}")

with torch.no_grad():
    fresh = invent(400, torch.Generator().manual_seed(1))
pairs = {a + b for f_ in forms for a, b in zip(f_, f_[1:])}
triples = {f_[i:i + 3] for f_ in forms for i in range(len(f_) - 2)}
seen = [t in triples for f_ in fresh for t in (f_[i:i + 3] for i in range(len(f_) - 2))]
freq = torch.bincount(tr_y[tr_y > 0], minlength=V).float()
p = (freq / freq.sum())[freq > 0]
print("letter frequencies alone: %.3f bits" % -(p * p.log2()).sum().item())
print("invented:", " ".join(fresh[:10]))
print("invented letter triples that English has: %.3f" % (sum(seen) / max(1, len(seen))))
