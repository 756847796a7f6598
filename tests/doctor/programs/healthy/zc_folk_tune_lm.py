#!/usr/bin/env python
# next-note model for (made-up) folk tunes; input and output note tables are one and the same matrix
import torch, torch.nn as nn, random, math
random.seed(4); torch.manual_seed(4)

SCALE = ['C','D','E','F','G','A','B','c','d','e']
itos = ['<pad>','<s>','</s>'] + SCALE
stoi = {s:i for i,s in enumerate(itos)}

STOCK = [random.sample(range(8), 4) for _ in range(9)]      # the stock of motifs of the region

def tune():
    motif = random.choice(STOCK)
    notes, shift = [], 0
    for bar in range(random.randint(3, 6)):
        shift = random.choice([0, 0, 0, 2])
        notes += [min(m + shift, 9) for m in motif]
    return [SCALE[k] for k in notes] + ['C']

tunes = [tune() for _ in range(900)]
trn, val = tunes[:750], tunes[750:]

def batchify(ts):
    ids = [torch.tensor([1] + [stoi[n] for n in t] + [2]) for t in ts]
    x = nn.utils.rnn.pad_sequence(ids)           # time first
    return x[:-1], x[1:]

class TuneLM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.enc = nn.Embedding(len(itos), d, padding_idx=0)
        self.rnn = nn.GRU(d, d)
        self.dec = nn.Linear(d, len(itos))
        nn.init.uniform_(self.enc.weight, -.15, .15)
        with torch.no_grad(): self.enc.weight[0].zero_()
        self.dec.weight = self.enc.weight        # tied
    def forward(self, x):
        h, _ = self.rnn(self.drop(self.enc(x)))
        return self.dec(self.drop(h))

lm = TuneLM()
crit = nn.CrossEntropyLoss(ignore_index=0, reduction='sum')
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
sch = torch.optim.lr_scheduler.StepLR(opt, 3, gamma=.3)

def run(ts, learn):
    lm.train(learn)
    nll = n = ok = 0
    with torch.set_grad_enabled(learn):
        for i in range(0, len(ts), 25):
            x, y = batchify(ts[i:i+25])
            out = lm(x)
            l = crit(out.flatten(0,1), y.flatten())
            m = (y != 0)
            if learn:
                opt.zero_grad()
                (l / m.sum()).backward()
                nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
                opt.step()
            nll += l.item(); n += m.sum().item()
            ok += ((out.argmax(-1) == y) & m).sum().item()
    return math.exp(nll / n), ok / n

for ep in range(6):
    random.shuffle(trn)
    tp, _ = run(trn, True)
    vp, va = run(val, False)
    sch.step()
    print(f'{ep+1} | train ppl {tp:.2f} | val ppl {vp:.2f} | val next-note acc {va:.3f}')
print('uniform would be', len(SCALE) + 1)
