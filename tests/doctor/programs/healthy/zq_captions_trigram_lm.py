"""Feed-forward n-gram language model (Bengio et al. 2003) on English image captions."""
import gzip
import math
import os
import time
from collections import Counter

import torch
import torch.nn.functional as F

torch.manual_seed(0)
DATA = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
CONTEXT, VOCAB, EMB, HID = 3, 700, 32, 64


def sentences(name, limit):
    with gzip.open(DATA + name, "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i >= limit:
                return
            yield line.lower().replace(".", " .").replace(",", " ,").split()


train_txt = list(sentences("train.en.gz", 5500))
valid_txt = list(sentences("val.en.gz", 600))
counts = Counter(w for s in train_txt for w in s)
itos = ["<s>", "</s>", "<rare>"] + [w for w, _ in counts.most_common(VOCAB - 3)]
stoi = {w: i for i, w in enumerate(itos)}


def ngrams(corpus):
    ctx, nxt = [], []
    for s in corpus:
        ids = [0] * CONTEXT + [stoi.get(w, 2) for w in s] + [1]
        for t in range(CONTEXT, len(ids)):
            ctx.append(ids[t - CONTEXT:t])
            nxt.append(ids[t])
    return torch.tensor(ctx), torch.tensor(nxt)


xtr, ytr = ngrams(train_txt)
xva, yva = ngrams(valid_txt)
print("train n-grams", tuple(xtr.shape), "valid n-grams", tuple(xva.shape))

# parameters by hand, as in the exercise
C = torch.randn(VOCAB, EMB) * 0.1
W1 = torch.randn(CONTEXT * EMB, HID) * (CONTEXT * EMB) ** -0.5
b1 = torch.zeros(HID)
W2 = torch.randn(HID, VOCAB) * 0.02
b2 = torch.zeros(VOCAB)
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad_()


def logits(x):
    e = C[x].flatten(1)
    h = torch.tanh(e @ W1 + b1)
    return h @ W2 + b2


@torch.no_grad()
def perplexity(x, y):
    nll = sum(F.cross_entropy(logits(a), b, reduction="sum").item() for a, b in zip(x.split(2048), y.split(2048)))
    return math.exp(nll / len(y))


unigram = torch.bincount(ytr, minlength=VOCAB).float().add(1)
unigram = unigram.div(unigram.sum()).log()
print("unigram perplexity on valid %.1f" % math.exp(-unigram[yva].mean().item()))

EPOCHS, BS, LR = 2, 256, 0.006
opt = torch.optim.Adam(params, lr=LR)
total, step = EPOCHS * math.ceil(len(xtr) / BS), 0
for epoch in range(EPOCHS):
    t0 = time.time()
    for idx in torch.randperm(len(xtr)).split(BS):
        for g in opt.param_groups:
            g["lr"] = LR * (1 - step / total)
        loss = F.cross_entropy(logits(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step % 100 == 0:
            print(f"step {step}/{total} loss {loss.item():.3f}")
    print(f"epoch {epoch}: valid ppl {perplexity(xva, yva):.1f} ({time.time() - t0:.1f}s)")
print(f"train ppl {perplexity(xtr, ytr):.1f}")


@torch.no_grad()
def complete(text, n=8):
    ids = [0] * CONTEXT + [stoi.get(w, 2) for w in text.split()]
    for _ in range(n):
        z = logits(torch.tensor([ids[-CONTEXT:]]))[0]
        z[2] = -1e9
        ids.append(int(z.argmax()))
        if ids[-1] == 1:
            break
    return " ".join(itos[i] for i in ids[CONTEXT:])


print(complete("a man in"))
