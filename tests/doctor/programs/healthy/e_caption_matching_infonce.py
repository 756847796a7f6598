import gzip, os, re
from collections import Counter
import torch
import torch.nn.functional as F

# Cross-lingual caption retrieval. English and German captions of the same picture should land on the same spot.
# CLIP style: two towers, in-batch negatives, learnable temperature.
torch.manual_seed(0)
D = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
N_TRAIN, N_VAL, DIM, BATCH, EPOCHS = 9000, 1000, 64, 256, 4

def lines(name, n):
    with gzip.open(D + name + '.gz', 'rt', encoding='utf-8') as f:
        return [re.findall(r'\w+', next(f).lower()) for _ in range(n)]

def vocab(texts, least=4):
    c = Counter(w for t in texts for w in t)
    return {w: i + 1 for i, w in enumerate(sorted(w for w in c if c[w] >= least))}

def encode(texts, voc, width=24):
    ids = torch.zeros(len(texts), width, dtype=torch.long)
    for r, t in enumerate(texts):
        known = [voc[w] for w in t if w in voc][:width]
        ids[r, :len(known)] = torch.tensor(known, dtype=torch.long)
    return ids

class Tower(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.E = torch.nn.Parameter(torch.randn(size + 1, DIM) * .1)
        self.w = torch.nn.Parameter(torch.zeros(size + 1))     # importance of a word, log scale
        self.P = torch.nn.Parameter(torch.eye(DIM))
    def forward(self, ids):
        keep = ids > 0
        a = self.w[ids].masked_fill(~keep, -1e4).softmax(1) * keep
        v = torch.einsum('bt,btd->bd', a, F.embedding(ids, self.E))
        return F.normalize(F.dropout(v, .2, self.training) @ self.P, dim=-1)

en, de = lines('train.en', N_TRAIN), lines('train.de', N_TRAIN)
ven, vde = vocab(en), vocab(de)
Xen, Xde = encode(en, ven), encode(de, vde)
Qen, Qde = encode(lines('val.en', N_VAL), ven), encode(lines('val.de', N_VAL), vde)

A, B = Tower(len(ven)), Tower(len(vde))
scale = torch.nn.Parameter(torch.tensor(2.3))
params = [*A.parameters(), *B.parameters(), scale]
opt = torch.optim.Adam(params, lr=5e-3)
lr_sched = torch.optim.lr_scheduler.OneCycleLR(opt, 5e-3, total_steps=EPOCHS * (N_TRAIN // BATCH))

def mode(train):
    A.train(train); B.train(train)

@torch.no_grad()
def recall(q, k, top=1):
    sim = A(q) @ B(k).T
    rank = (sim > sim.diag()[:, None]).sum(1)
    return (rank < top).float().mean().item()

for ep in range(EPOCHS):
    tot = 0.
    mode(True)
    for idx in torch.randperm(N_TRAIN)[:N_TRAIN // BATCH * BATCH].view(-1, BATCH):
        logits = scale.exp() * A(Xen[idx]) @ B(Xde[idx]).T
        gold = torch.arange(BATCH)
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.t(), gold)) / 2
        opt.zero_grad(); loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 5.)
        opt.step(); lr_sched.step()
        with torch.no_grad(): scale.clamp_(max=4.6)
        tot += loss.item()
    mode(False)
    # first thousand training pairs against the thousand validation pairs: pools of equal size
    print('ep %d  nce %.3f  temp %.3f | R@1 train %.3f val %.3f | R@10 train %.3f val %.3f' % (
        ep, tot / (N_TRAIN // BATCH), (-scale).exp().item(), recall(Xen[:N_VAL], Xde[:N_VAL]), recall(Qen, Qde),
        recall(Xen[:N_VAL], Xde[:N_VAL], 10), recall(Qen, Qde, 10)))
print('chance R@1 is', 1 / N_VAL)
