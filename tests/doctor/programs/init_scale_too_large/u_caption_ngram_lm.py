"""Feed-forward n-gram language model (Bengio et al. 2003) over image captions, output layer tied to the table."""
import gzip
import math
import os
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(13)
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(name, n):
    with gzip.open(os.path.join(D, name), "rt", encoding="utf8") as fh:
        return [l.lower().replace(".", " .").replace(",", " ,").split() for l, _ in zip(fh, range(n))]


train_sents, val_sents = read("train.en.gz", 3000), read("val.en.gz", 600)
freq = Counter(w for s in train_sents for w in s)
itos = ["<s>", "</s>", "<unk>"] + [w for w, c in freq.most_common(700)]
stoi = {w: i for i, w in enumerate(itos)}
N = 3


def grams(sents):
    ctx, nxt = [], []
    for s in sents:
        ids = [0] * N + [stoi.get(w, 2) for w in s] + [1]
        for i in range(N, len(ids)):
            ctx.append(ids[i - N:i])
            nxt.append(ids[i])
    return torch.tensor(ctx), torch.tensor(nxt)


xtr, ytr = grams(train_sents)
xva, yva = grams(val_sents)
print(f"{len(ytr)} training grams, {len(yva)} validation grams, {len(itos)} types")

p = torch.bincount(ytr, minlength=len(itos)).float() + 0.1
p = (p / p.sum()).log()
print(f"unigram perplexity {math.exp(-p[yva].mean()):.1f}")


class NGramLM(nn.Module):
    def __init__(self, v, d=48, h=64):
        super().__init__()
        self.table = nn.Embedding(v, d)
        self.hid = nn.Linear(N * d, h)
        self.back = nn.Linear(h, d)
        self.bias = nn.Parameter(torch.zeros(v))
        # fault:
        nn.init.normal_(self.table.weight, std=3.0)
        # mended:
        # nn.init.normal_(self.table.weight, std=0.1)
        # end

    def forward(self, x):
        h = torch.tanh(self.hid(self.table(x).flatten(1)))
        return self.back(h) @ self.table.weight.t() + self.bias


lm = NGramLM(len(itos))
opt = torch.optim.AdamW(lm.parameters(), lr=4e-3, weight_decay=0.01)
BATCH, EPOCHS = 256, 3
steps = EPOCHS * math.ceil(len(ytr) / BATCH)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)


@torch.no_grad()
def ppl(x, y):
    lm.eval()
    tot = sum(F.cross_entropy(lm(a), b, reduction="sum").item() for a, b in zip(x.split(1000), y.split(1000)))
    return math.exp(min(tot / len(y), 20))


step = 0
for ep in range(EPOCHS):
    lm.train()
    for idx in torch.randperm(len(ytr)).split(BATCH):
        loss = F.cross_entropy(lm(xtr[idx]), ytr[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        if step % 100 == 0:
            print(f"step {step:4d} loss {loss.item():.3f}")
        step += 1
    print(f"epoch {ep + 1} validation perplexity {ppl(xva, yva):.1f}")
print(f"training perplexity {ppl(xtr[:8000], ytr[:8000]):.1f}")
