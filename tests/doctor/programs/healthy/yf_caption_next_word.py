"""Trigram-context neural language model on Multi30k captions.

Inputs and outputs share the (GloVe initialised) table; the softmax is over the 600 most frequent words.
Label positions outside that list are skipped (ignore_index), as is everything after </s>.
"""
import gzip
import math
import os
import re
from argparse import Namespace
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

args = Namespace(n_train=3000, n_valid=500, order=4, vocab=600, dim=50, bsz=384, epochs=5, lr=4e-3, seed=1111)
torch.manual_seed(args.seed)
root = os.environ["WORDFIT_DATA"]


def lines(name, n):
    out = []
    with gzip.open(f"{root}/seq2seq/multi30k/{name}.en.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            out.append(re.findall(r"[a-z]+|[.,]", line.lower()))
            if len(out) == n:
                return out
    return out


train = lines("train", args.n_train)
memory = {tuple(t) for t in train}
valid = [t for t in lines("val", args.n_valid) if tuple(t) not in memory]
count = Counter(w for t in train for w in t)
itos = ["<s>", "</s>", "<unk>"] + [w for w, _ in count.most_common(args.vocab - 3)]
stoi = {w: i for i, w in enumerate(itos)}
UNK = 2


def ngrams(sents):
    ctx, nxt = [], []
    for s in sents:
        ids = [0] * (args.order - 1) + [stoi.get(w, UNK) for w in s] + [1]
        for i in range(args.order - 1, len(ids)):
            ctx.append(ids[i - args.order + 1:i])
            nxt.append(ids[i] if ids[i] != UNK else -100)
    return torch.tensor(ctx), torch.tensor(nxt)


xtr, ytr = ngrams(train)
xva, yva = ngrams(valid)


class NPLM(nn.Module):
    def __init__(self, v, d, n):
        super().__init__()
        self.table = nn.Embedding(v, d)
        nn.init.normal_(self.table.weight, std=0.1)
        self.mix = nn.Linear(n * d, 64)
        self.back = nn.Linear(64, d)
        self.bias = nn.Parameter(torch.zeros(v))
        self.drop = nn.Dropout(0.15)

    def forward(self, x):
        e = self.drop(self.table(x)).flatten(1)
        return F.linear(self.back(torch.tanh(self.mix(e))), self.table.weight, self.bias)   # tied


lm = NPLM(len(itos), args.dim, args.order - 1)
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh, torch.no_grad():
    hits = 0
    for line in fh:
        w, vec = line.rstrip().split(" ", 1)
        if w in stoi:
            v = torch.tensor([float(q) for q in vec.split()])
            lm.table.weight[stoi[w]] = 0.7 * v / v.norm()
            hits += 1
print(f"{len(ytr)} training positions, {hits}/{len(itos)} vectors")
u = torch.bincount(ytr[ytr >= 0], minlength=len(itos)).float() + 0.1
print("unigram ppl %.1f" % math.exp(-(u / u.sum()).log()[yva[yva >= 0]].mean()))

no_decay = [lm.bias, lm.mix.bias, lm.back.bias]
decay = [p for p in lm.parameters() if all(p is not q for q in no_decay)]
optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": no_decay, "weight_decay": 0.0}], lr=args.lr)
nb = math.ceil(len(ytr) / args.bsz)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.lr, total_steps=args.epochs * nb + args.epochs, pct_start=0.15)

for epoch in range(1, args.epochs + 1):
    lm.train()
    acc_loss = 0.0
    for ix in torch.randperm(len(ytr)).chunk(nb):
        loss = F.cross_entropy(lm(xtr[ix]), ytr[ix], ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        acc_loss += loss.item()
    lm.eval()
    with torch.no_grad():
        logits = lm(xva)
        vl = F.cross_entropy(logits, yva, ignore_index=-100).item()
        ok = yva >= 0
        top = (logits.argmax(1) == yva)[ok].float().mean().item()
    print(f"| epoch {epoch} | train ppl {math.exp(acc_loss / nb):7.2f} | valid ppl {math.exp(vl):7.2f} | valid acc {top:.4f}")
