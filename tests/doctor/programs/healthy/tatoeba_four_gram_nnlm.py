#!/usr/bin/env python3
# Bengio-style feed-forward language model: three words in, the next one out. Output weights are tied to the input.
import gzip, math, os, random, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0); torch.manual_seed(0)
CTX, DIM, VOCAB = 3, 40, 400

sents = []
with gzip.open(os.environ['WORDFIT_DATA'] + '/seq2seq/tatoeba-fra-eng/fra.txt.gz', 'rt', encoding='utf8') as f:
    prev = None
    for n, row in enumerate(f):
        if n > 50000: break
        en = row.split('\t')[0].lower()
        if en != prev and n > 2000: sents.append(re.findall(r"[a-z']+|[.?!]", en))
        prev = en
sents = [list(t) for t in sorted({tuple(s) for s in sents})]
random.shuffle(sents)
sents = sents[:7000]
train, valid = sents[:6300], sents[6300:]

count = Counter(w for s in train for w in s)
itos = ['<s>', '<unk>', '</s>'] + [w for w, _ in count.most_common(VOCAB)]
stoi = {w: i for i, w in enumerate(itos)}

def windows(data):
    xs, ys = [], []
    for s in data:
        ids = [0] * CTX + [stoi.get(w, 1) for w in s] + [2]
        for i in range(CTX, len(ids)):
            xs.append(ids[i - CTX:i]); ys.append(ids[i])
    return torch.tensor(xs), torch.tensor(ys)

X, Y = windows(train)
Xv, Yv = windows(valid)
uni = torch.bincount(Y, minlength=len(itos)).float() + 1
base = math.exp(F.nll_loss((uni / uni.sum()).log().expand(len(Yv), -1), Yv).item())
print(f'{len(X)} windows; unigram perplexity on valid {base:.1f}')

class NNLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.C = nn.Embedding(len(itos), DIM)
        nn.init.normal_(self.C.weight, std=0.1)
        self.H = nn.Linear(CTX * DIM, 64)
        self.P = nn.Linear(64, DIM)
        self.out = nn.Linear(DIM, len(itos))
        self.out.weight = self.C.weight
    def forward(self, x):
        h = torch.tanh(self.H(self.C(x).flatten(1)))
        return self.out(self.P(h))

lm = NNLM()
steps = 3 * math.ceil(len(X) / 128)
opt = torch.optim.Adam(lm.parameters(), lr=4e-3)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=steps, pct_start=0.2)
for ep in range(3):
    perm, tot = torch.randperm(len(X)), 0.
    for i in range(0, len(X), 128):
        j = perm[i:i + 128]
        loss = F.cross_entropy(lm(X[j]), Y[j])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 5.)
        opt.step(); sch.step()
        tot += loss.item() * len(j)
    with torch.no_grad():
        v = F.cross_entropy(lm(Xv), Yv).item()
    print(f'epoch {ep}: train ppl {math.exp(tot / len(X)):.1f}  valid ppl {math.exp(v):.1f}')
