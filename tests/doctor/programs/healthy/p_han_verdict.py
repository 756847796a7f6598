# Hierarchical attention (Yang et al. 2016) without recurrent layers: words -> sentence, sentences -> document.
# The toy reviews contain praise and blame all over; only the sentence that sums up decides the label.
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from types import SimpleNamespace

cfg = SimpleNamespace(n_train=1800, n_test=500, S=6, W=9, d=20, epochs=8, bs=60, lr=2e-2, seed=13)
np.random.seed(cfg.seed); torch.manual_seed(cfg.seed)
GOOD = 'great lovely superb solid bright clever fresh charming'.split()
BAD = 'awful dull weak noisy broken bland cheap tedious'.split()
THING = 'battery screen plot actor sound menu hotel room service price camera story'.split()
CUE = 'overall finally altogether ultimately'.split()
MISC = 'the was is a really quite rather but with and it this very'.split()
pick = lambda l: l[np.random.randint(len(l))]

def sentence(adj, cue=None):
    w = [pick(MISC), pick(THING), adj] + [pick(MISC) for _ in range(np.random.randint(1, 5))]
    w = [w[i] for i in np.random.permutation(len(w))]
    return ([cue] if cue else []) + w

def document():
    y = np.random.randint(2)
    sents = [sentence(pick(GOOD + BAD)) for _ in range(np.random.randint(2, cfg.S))]
    sents.insert(np.random.randint(len(sents) + 1), sentence(pick(GOOD if y else BAD), pick(CUE)))
    return sents, y

words = ['_'] + GOOD + BAD + THING + CUE + MISC
ix = {w: i for i, w in enumerate(words)}
N = cfg.n_train + cfg.n_test
X = np.zeros((N, cfg.S, cfg.W), dtype=np.int64); Y = np.zeros(N, dtype=np.int64)
for n in range(N):
    sents, Y[n] = document()
    for s, sent in enumerate(sents):
        X[n, s, :len(sent)] = [ix[w] for w in sent]
X, Y = torch.from_numpy(X), torch.from_numpy(Y)

def masked_softmax(score, mask):
    """softmax over the last axis; a row without any valid entry gives zeros, not nan"""
    top = score.masked_fill(~mask, -1e4).amax(-1, keepdim=True).detach()
    e = torch.exp((score - top).masked_fill(~mask, -1e4))
    e = e.masked_fill(~mask, 0.)
    return e / e.sum(-1, keepdim=True).clamp_min(1e-9)

class AttentivePool(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.proj = nn.Linear(d, d); self.ctx = nn.Linear(d, 1, bias=False)
    def forward(self, h, mask):
        s = self.ctx(torch.tanh(self.proj(h))).squeeze(-1).clamp(-30, 30)
        a = masked_softmax(s, mask)
        return (a.unsqueeze(-1) * h).sum(-2), a

class HAN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words), cfg.d, padding_idx=0)
        self.word = AttentivePool(cfg.d)
        self.mix = nn.Linear(cfg.d, cfg.d)
        self.sent = AttentivePool(cfg.d)
        self.out = nn.Linear(cfg.d, 2)
    def forward(self, x):
        m = x > 0
        sv, _ = self.word(self.emb(x), m)          # (B, S, d)
        sv = torch.tanh(self.mix(sv))
        dv, a = self.sent(sv, m.any(-1))
        return self.out(dv), a

model = HAN()
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
tr = torch.arange(cfg.n_train); te = torch.arange(cfg.n_train, N)

def evaluate(ids):
    model.eval()
    with torch.no_grad():
        o, a = model(X[ids])
    return F.cross_entropy(o, Y[ids]).item(), (o.argmax(1) == Y[ids]).float().mean().item(), a

for ep in range(1, cfg.epochs + 1):
    model.train()
    for ids in tr[torch.randperm(len(tr))].split(cfg.bs):
        opt.zero_grad()
        F.cross_entropy(model(X[ids])[0], Y[ids]).backward()
        opt.step()
    sched.step()
    l1, a1, _ = evaluate(tr); l2, a2, att = evaluate(te)
    print(f'[{ep}] train {l1:.4f}/{a1:.3f}  test {l2:.4f}/{a2:.3f}')

cue_ids = torch.tensor([ix[c] for c in CUE])
is_cue = torch.isin(X[te], cue_ids).any(-1)
print('attention on the summing-up sentence: %.3f' % att[is_cue].mean().item())
