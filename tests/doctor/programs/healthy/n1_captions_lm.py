# Log-bilinear language model (Mnih & Hinton) on image captions: one table for input and output,
# four words of context, each position with its own diagonal gate.
import gzip
import math
import os
import re
from collections import Counter

import torch
import torch.nn.functional as F

torch.manual_seed(1)
DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
ORDER, D, V = 4, 48, 900


def captions(name, limit):
    with gzip.open(os.path.join(DIR, name), "rt", encoding="utf-8") as fh:
        for n, line in enumerate(fh):
            if n == limit:
                return
            yield tuple(re.findall(r"[a-z]+|[.,]", line.lower()))


train = list(captions("train.en.gz", 4800))
known = set(train)
valid = [c for c in captions("val.en.gz", 1014) if c not in known]

freq = Counter(w for c in train for w in c)
itos = ["<s>", "<unk>", "</s>"] + [w for w, _ in freq.most_common(V - 3)]
stoi = {w: i for i, w in enumerate(itos)}


def windows(caps):
    ctx, nxt = [], []
    for c in caps:
        ids = [0] * ORDER + [stoi.get(w, 1) for w in c] + [2]
        for t in range(ORDER, len(ids)):
            ctx.append(ids[t - ORDER:t])
            nxt.append(ids[t])
    return torch.tensor(ctx), torch.tensor(nxt)


ctx, nxt = windows(train)
vctx, vnxt = windows(valid)
unigram = torch.bincount(nxt, minlength=V).float().add(0.1)
unigram = (unigram / unigram.sum()).log()
print(f"{len(nxt)} positions, unigram perplexity {math.exp(-unigram[vnxt].mean()):.1f}")

R = torch.randn(V, D) * 0.1                       # shared
G = torch.ones(ORDER, D) * 0.5                    # gates
M = torch.eye(D) + torch.randn(D, D) * 0.02       # mixes the context
bias = unigram.clone()                            # starts as the unigram model
leaves = [R, G, M, bias]
for t in leaves:
    t.requires_grad_()


def forward(c):
    r = F.embedding(c, R)
    h = torch.einsum("nod,od->nd", r, G)
    h = (h + torch.tanh(h @ M)) * 2.0
    return h @ R.t() + bias


@torch.no_grad()
def perplexity(c, y):
    s = sum(F.cross_entropy(forward(a), b, reduction="sum").item() for a, b in zip(c.split(4000), y.split(4000)))
    return math.exp(s / len(y))


opt = torch.optim.RMSprop(leaves, lr=4e-3, alpha=0.98)
MICRO, ACC, PASSES = 128, 2, 2
updates, done = PASSES * len(nxt) // (MICRO * ACC), 0
half = lambda u: 1.0 if u < updates // 2 else 0.1 + 1.8 * (1 - u / updates)
for passes in range(PASSES):
    order = torch.randperm(len(nxt)).split(MICRO)
    run = 0.0
    for k, rows in enumerate(order):
        loss = F.cross_entropy(forward(ctx[rows]), nxt[rows], label_smoothing=0.02)
        (loss / ACC).backward()
        run += loss.item()
        if (k + 1) % ACC == 0 or k + 1 == len(order):
            for g in opt.param_groups:
                g["lr"] = 4e-3 * half(done)
            opt.step()
            opt.zero_grad()
            done += 1
        if (k + 1) % 250 == 0:
            print(f"pass {passes} {k + 1:4d}/{len(order)} loss {run / 250:.3f} valid ppl {perplexity(vctx, vnxt):.2f}")
            run = 0.0
print(f"train ppl {perplexity(ctx[:20000], nxt[:20000]):.2f}  valid ppl {perplexity(vctx, vnxt):.2f}")
with torch.no_grad():
    guess = forward(vctx).argmax(1)
    print(f"next word right {(guess == vnxt).float().mean():.3f}, most frequent word {(vnxt == unigram.argmax()).float().mean():.3f}")
