"""word2vec (skip-gram, negative sampling), sparse tables + SparseAdam; judged on pairs from unseen captions."""
import gzip, os
from collections import Counter
import numpy as np
import torch
from sklearn.metrics import roc_auc_score
torch.manual_seed(9); rs = np.random.RandomState(9)

path = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k')
def captions(name, limit=None):
    with gzip.open(f'{path}/{name}', 'rt', encoding='utf8') as fh:
        return [x.lower().strip(' .\n').split() for x in fh][:limit]
train, test = captions('train.en.gz', 9000), captions('test_2016_flickr.en.gz')
known = set(map(tuple, train)); test = [t for t in test if tuple(t) not in known]

freq = Counter(w for s in train for w in s)
words = [w for w, c in freq.items() if c >= 20]
idx = {w: i for i, w in enumerate(words)}
f = np.array([freq[w] for w in words], dtype=float)
keep = np.minimum(1, np.sqrt(6e-4 * f.sum() / f))            # subsampling of frequent words
unigram = torch.tensor(f ** .75 / (f ** .75).sum(), dtype=torch.float)

def pairs(sents, win=3):
    out = []
    for s in sents:
        ids = [idx[w] for w in s if w in idx and rs.rand() < keep[idx[w]]]
        for i, c in enumerate(ids):
            out += [(c, o) for o in ids[max(0, i - win):i] + ids[i + 1:i + 1 + win]]
    return torch.tensor(out)
P, H = pairs(train), pairs(test)
print(len(words), 'words', len(P), 'training pairs', len(H), 'held-out pairs')

dim = 12
center = torch.nn.Embedding(len(words), dim, sparse=True)
ctx = torch.nn.Embedding(len(words), dim, sparse=True)
torch.nn.init.uniform_(center.weight, -.5 / dim, .5 / dim)
torch.nn.init.zeros_(ctx.weight)                              # as in the C code
opt = torch.optim.SparseAdam(list(center.parameters()) + list(ctx.parameters()), lr=2e-2)

neg_h = torch.multinomial(unigram, len(H), replacement=True)
neg_p = torch.multinomial(unigram, 20000, replacement=True)
@torch.no_grad()
def auc(p, neg):
    pos = (center(p[:, 0]) * ctx(p[:, 1])).sum(1)
    ng = (center(p[:, 0]) * ctx(neg)).sum(1)
    return roc_auc_score([1] * len(pos) + [0] * len(ng), torch.cat([pos, ng]).numpy())

epochs, bs = 3, 1024
total, step = epochs * (len(P) // bs + 1), 0
for ep in range(epochs):
    acc = []
    for b in P[torch.randperm(len(P))].split(bs):
        opt.param_groups[0]['lr'] = 2e-2 * max(.01, 1 - step / total); step += 1
        neg = torch.multinomial(unigram, len(b) * 5, replacement=True).view(-1, 5)
        c = center(b[:, 0])
        pos = (c * ctx(b[:, 1])).sum(-1)
        ng = (ctx(neg) @ c.unsqueeze(-1)).squeeze(-1)
        loss = -(torch.nn.functional.logsigmoid(pos) + torch.nn.functional.logsigmoid(-ng).sum(1)).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        acc.append(loss.item())
    print(f'epoch {ep + 1} loss {np.mean(acc):.4f} held-out AUC {auc(H, neg_h):.4f}')
print('train AUC %.4f' % auc(P[torch.randperm(len(P))[:20000]], neg_p))
E = torch.nn.functional.normalize(center.weight.detach(), dim=1)
for q in ['dog', 'guitar', 'red', 'water']:
    print(q, '->', [words[j] for j in (E @ E[idx[q]]).topk(5).indices[1:].tolist()])
