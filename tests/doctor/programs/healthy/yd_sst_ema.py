#!/usr/bin/env python
"""SST-2, quick baseline. Frozen GloVe, word dropout 15 %, dropout 0.5, three passes, one learned number per word, and the weights that are
used in the end are an exponential moving average of those that were trained."""
import copy, csv, gzip, os, random, sys
import torch
import torch.nn as nn

SEED, N_TRAIN, BS = 77, 12000, 64
random.seed(SEED); torch.manual_seed(SEED)
DIR = os.environ['WORDFIT_DATA']

def read_tsv(fn):
    with open(fn, encoding='utf-8') as f:
        r = csv.reader(f, delimiter='\t', quoting=csv.QUOTE_NONE); next(r)
        return [(s.strip(), int(y)) for s, y in r]

dev = read_tsv(f'{DIR}/glue/SST-2/dev.tsv')
dev_s = {s for s, _ in dev}
train = [(s, y) for s, y in read_tsv(f'{DIR}/glue/SST-2/train.tsv') if len(s.split()) >= 5 and s not in dev_s]
train = random.sample(train, N_TRAIN)

need = {w for s, _ in train + dev for w in s.split()}
words, vals = [], []
with gzip.open(f'{DIR}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w = line[:line.index(' ')]
        if w in need:
            words.append(w); vals.append([float(v) for v in line.split()[1:]])
stoi = {w: i for i, w in enumerate(words)}
UNK = len(words)
table = torch.tensor(vals)
table = torch.cat([table, torch.zeros(2, 50)])          # unknown, padding
PAD = UNK + 1

def encode(rows):
    L = 32
    x = torch.full((len(rows), L), PAD)
    for i, (s, _) in enumerate(rows):
        ids = [stoi.get(w, UNK) for w in s.split()][:L]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows]).float()

X, Y = encode(train); Xd, Yd = encode(dev)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('glove', table)             # a buffer: not a parameter, on purpose
        self.gate = nn.Linear(50, 1)
        self.tone = nn.Embedding(len(table), 1, padding_idx=PAD)
        nn.init.zeros_(self.tone.weight)
        self.fc1 = nn.Linear(100, 64); self.fc2 = nn.Linear(64, 1)
        self.do = nn.Dropout(0.5)
    def forward(self, x):
        if self.training:
            x = torch.where((torch.rand(x.shape) < 0.15) & (x < UNK), UNK, x)
        m = (x != PAD).float()
        e = self.glove[x]
        g = torch.sigmoid(self.gate(e)).squeeze(2) * m
        mean = (e * m[..., None]).sum(1) / m.sum(1, keepdim=True)
        gated = (e * g[..., None]).sum(1) / (g.sum(1, keepdim=True) + 1e-6)
        tone = self.tone(x)[..., 0].sum(1) / m.sum(1).sqrt()
        return tone + self.fc2(self.do(torch.relu(self.fc1(torch.cat([mean, gated], 1)))))[:, 0]

net = Model(); ema = copy.deepcopy(net).eval().requires_grad_(False)
opt = torch.optim.RMSprop([{'params': [p for n, p in net.named_parameters() if 'tone' not in n], 'lr': 2e-3}, {'params': net.tone.parameters(), 'lr': 6e-3}])
sched = torch.optim.lr_scheduler.PolynomialLR(opt, 3 * -(-N_TRAIN // BS), power=1.0)
bce = nn.BCEWithLogitsLoss()
seen = 0
def check(m):
    m.eval()
    with torch.no_grad(): return ((m(Xd) > 0) == (Yd > .5)).float().mean().item()
for epoch in range(3):
    for idx in torch.randperm(N_TRAIN).split(BS):
        net.train()
        loss = bce(net(X[idx]), Y[idx])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        seen += 1
        decay = min(0.99, (1 + seen) / (10 + seen))
        with torch.no_grad():
            for a, b in zip(ema.parameters(), net.parameters()): a.lerp_(b, 1 - decay)
        if seen % 125 == 0:
            print(f'{seen:5d} steps  loss {loss.item():.3f}  dev {check(net):.3f}  dev (ema) {check(ema):.3f}', file=sys.stdout)
with torch.no_grad():
    tr = ((ema(X) > 0) == (Y > .5)).float().mean().item()
print(f'final: train {tr:.3f}  dev {check(ema):.3f}   (majority {max(Yd.mean().item(), 1 - Yd.mean().item()):.3f})')
