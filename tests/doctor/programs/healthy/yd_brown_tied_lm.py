'''Feed-forward language model in the manner of Bengio et al. on part of the Brown corpus.
Output matrix = input matrix (tied), plus a bias that starts at the log unigram counts.'''
import os, gzip, math
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1); rng = np.random.default_rng(1)
N_SENT, VOCAB, CTX, DIM = 6000, 800, 3, 48

path = os.path.join(os.environ['WORDFIT_DATA'], 'corpora/brown.txt.gz')
with gzip.open(path, 'rt', encoding='utf-8') as f:
    sents = [l.lower().split() for l, _ in zip(f, range(N_SENT))]
order = rng.permutation(len(sents))
sents = [sents[i] for i in order]
cut = int(0.9 * len(sents))
held_keys = set(' '.join(s) for s in sents[:cut])
tr, va = sents[:cut], [s for s in sents[cut:] if ' '.join(s) not in held_keys]

freq = {}
for s in tr:
    for w in s: freq[w] = freq.get(w, 0) + 1
words = ['<s>', '<unk>', '</s>'] + sorted(freq, key=lambda w: (-freq[w], w))[:VOCAB - 3]
w2i = dict(zip(words, range(VOCAB)))

def windows(ss):
    rows = []
    for s in ss:
        ids = [0] * CTX + [w2i.get(w, 1) for w in s] + [2]
        rows += [ids[i - CTX:i + 1] for i in range(CTX, len(ids))]
    a = torch.tensor(rows)
    return a[:, :CTX], a[:, CTX]

Xt, Yt = windows(tr); Xv, Yv = windows(va)
sel = torch.randperm(len(Xt))[:40000]; Xt, Yt = Xt[sel], Yt[sel]
Xv, Yv = Xv[:5000], Yv[:5000]
uni = torch.bincount(Yt, minlength=VOCAB).float() + 0.5
log_uni = (uni / uni.sum()).log()
print('unigram perplexity', round(math.exp(F.nll_loss(log_uni.expand(len(Yv), -1), Yv).item()), 1))

class NPLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.C = nn.Embedding(VOCAB, DIM)
        nn.init.normal_(self.C.weight, std=0.1)
        self.H = nn.Linear(CTX * DIM, 96)
        self.P = nn.Linear(96, DIM)
        self.b = nn.Parameter(log_uni.clone())
        self.d = nn.Dropout(0.1)
    def forward(self, x):
        h = torch.tanh(self.H(self.C(x).flatten(1)))
        return F.linear(self.P(self.d(h)), self.C.weight, self.b)

lm = NPLM()
EPOCHS, B = 3, 256
opt = torch.optim.Adam(lm.parameters(), lr=4e-3)
total = EPOCHS * math.ceil(len(Xt) / B); step = 0
for ep in range(EPOCHS):
    lm.train(); acc = n = 0
    for idx in torch.randperm(len(Xt)).split(B):
        for g in opt.param_groups: g['lr'] = 4e-3 * (1 - step / total)
        loss = F.cross_entropy(lm(Xt[idx]), Yt[idx])
        opt.zero_grad(set_to_none=True); loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step(); step += 1
        acc += loss.item() * len(idx); n += len(idx)
    lm.eval()
    with torch.inference_mode():
        v = sum(F.cross_entropy(lm(a), b, reduction='sum').item() for a, b in zip(Xv.split(2000), Yv.split(2000))) / len(Yv)
    print(f'epoch {ep}: train ppl {math.exp(acc / n):.1f}  valid ppl {math.exp(v):.1f}')
