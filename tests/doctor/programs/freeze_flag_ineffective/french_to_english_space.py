# Project French sentences into the space of English GloVe (mean of the word vectors of the translation),
# so that the English side can be searched later with the published vectors.
import gzip, os, random, re
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

D = os.environ['WORDFIT_DATA']
torch.manual_seed(11); random.seed(11); np.random.seed(11)
N_TRAIN, N_TEST, BS = 7000, 400, 100

def toks(s):
    return re.findall(r"[^\W\d_]+|'", s.lower())

pairs, seen = [], set()
with gzip.open(D + '/seq2seq/tatoeba-fra-eng/fra.txt.gz', 'rt', encoding='utf8') as f:
    lines = f.read().split('\n')
for l in lines[20000:60000]:
    en, fr = l.split('\t')[:2]
    if en in seen:
        continue
    seen.add(en)
    pairs.append((toks(en), toks(fr)))
random.shuffle(pairs)

W, words = [], {}
with gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8') as f:
    for l in f:
        p = l.split()
        words[p[0]] = len(words)
        W.append([float(x) for x in p[1:]])
W = torch.tensor(W)
W = W - W.mean(0)

pairs = [([words[w] for w in en if w in words], fr) for en, fr in pairs]
pairs = [(e, f) for e, f in pairs if len(e) > 2 and len(f) > 2]
train, test = pairs[:N_TRAIN], pairs[N_TRAIN:N_TRAIN + N_TEST]
counts = {}
for _, f in train:
    for w in f:
        counts[w] = counts.get(w, 0) + 1
fvoc = {w: i + 1 for i, w in enumerate(w for w, c in counts.items() if c > 1)}   # 0 = rare
print(len(train), 'pairs', len(fvoc), 'French words')

def bag(seqs):
    flat = torch.tensor([i for s in seqs for i in s])
    off = torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)
    return flat, off

def batch(rows):
    return bag([[fvoc.get(w, 0) for w in f] for _, f in rows]), bag([e for e, _ in rows])

class Bridge(nn.Module):
    def __init__(self):
        super().__init__()
        self.eng = nn.EmbeddingBag.from_pretrained(W.clone(), mode='mean', freeze=False)
        self.fra = nn.EmbeddingBag(len(fvoc) + 1, 128, mode='mean')
        self.out = nn.Linear(128, 50)

    def forward(self, f, e):
        return self.out(self.fra(*f)), self.eng(*e)

model = Bridge()
# the English side stays as published
# fault:
model.eng.requires_grad = False
# mended:
# model.eng.weight.requires_grad = False
# end
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
sched = torch.optim.lr_scheduler.LinearLR(optim, 1.0, 0.02, total_iters=6 * N_TRAIN // BS)

def search():
    model.eval()
    with torch.no_grad():
        q, _ = model(*batch(test))
        index = F.embedding_bag(batch(test)[1][0], W, batch(test)[1][1], mode='mean')
        sim = F.normalize(q, dim=1) @ F.normalize(index, dim=1).T
        rank = (sim > sim.diag()[:, None]).sum(1)
    return (rank == 0).float().mean().item(), (rank < 10).float().mean().item()

for ep in range(6):
    model.train()
    random.shuffle(train)
    tot = 0.
    for i in range(0, N_TRAIN, BS):
        q, t = model(*batch(train[i:i + BS]))
        loss = ((q - t) ** 2).sum(1).mean()
        optim.zero_grad()
        loss.backward()
        optim.step()
        sched.step()
        tot += loss.item()
    p1, p10 = search()
    print('ep %d  loss %.3f  P@1 %.3f  P@10 %.3f' % (ep, tot / (N_TRAIN // BS), p1, p10))
