"""Feed-forward character language model (Bengio 2003) with tied input/output table, on Tatoeba English."""
import gzip
import math
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)
ORDER, DIM = 6, 32

sents = set()
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz"), "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k > 30000:
            break
        s = line.split("\t")[0].lower()
        if k > 20000 and s.isascii():
            sents.add(s)
sents = sorted(sents)
random.shuffle(sents)
chars = ["\n"] + sorted({c for s in sents for c in s} - {"\n"})
cid = {c: i for i, c in enumerate(chars)}


def windows(part):
    ctx, nxt = [], []
    for s in part:
        ids = [0] * ORDER + [cid[c] for c in s] + [0]
        for t in range(ORDER, len(ids)):
            ctx.append(ids[t - ORDER:t])
            nxt.append(ids[t])
    return torch.tensor(ctx), torch.tensor(nxt)


xv, yv = windows(sents[:300])
xt, yt = windows(sents[300:2500])


class TiedLM(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n, DIM) * 0.3)
        self.mix = nn.Linear(ORDER * DIM, 96)
        self.back = nn.Linear(96, DIM)
        self.bias = nn.Parameter(torch.zeros(n))

    def forward(self, ctx):
        h = self.table[ctx].flatten(1)
        return F.linear(self.back(torch.tanh(self.mix(h))), self.table, self.bias)


lm = TiedLM(len(chars))
opt = torch.optim.AdamW(lm.parameters(), lr=6e-3, weight_decay=1e-3)
EPOCHS, BATCH = 4, 256
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * math.ceil(len(xt) / BATCH))


@torch.no_grad()
def ppl(x, y):
    lm.eval()
    return F.cross_entropy(lm(x), y).exp().item()


counts = torch.bincount(yt, minlength=len(chars)) + 1.0
print("unigram ppl %.2f" % F.nll_loss((counts / counts.sum()).log().expand(len(yv), -1), yv).exp().item())
for ep in range(EPOCHS):
    lm.train()
    for idx in torch.randperm(len(xt)).split(BATCH):
        loss = F.cross_entropy(lm(xt[idx]), yt[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        sched.step()
    print("epoch %d train ppl %.2f valid ppl %.2f" % (ep, ppl(xt[:8000], yt[:8000]), ppl(xv, yv)))
