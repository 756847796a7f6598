# human dates -> ISO dates, GRU encoder / decoder with Luong attention
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(8); torch.manual_seed(8)
MONTHS = 'january february march april may june july august september october november december'.split()

def sample():
    y, m, d = random.randint(1950, 2049), random.randint(1, 12), random.randint(1, 28)
    name = MONTHS[m - 1]
    src = random.choice([f'{d} {name[:3]} {y}', f'{name[:3]} {d} {y}', f'{d}/{m}/{y}'])
    return src, f'{y}-{m:02d}-{d:02d}'

pairs = dict(sample() for _ in range(3000))
pairs = list(pairs.items()); random.shuffle(pairs)
dates = sorted({t for _, t in pairs}); random.shuffle(dates)
held = set(dates[:250])                      # a held-out DATE is in no form in train
train = [p for p in pairs if p[1] not in held]
test = [p for p in pairs if p[1] in held]

sv = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in pairs for c in s}))}
tv = {c: i for i, c in enumerate('_^$-0123456789')}
inv = {i: c for c, i in tv.items()}
PAD, BOS, EOS = 0, 1, 2

def make(ps):
    src = [torch.tensor([sv[c] for c in s]) for s, _ in ps]
    tgt = [torch.tensor([BOS] + [tv[c] for c in t] + [EOS]) for _, t in ps]
    return pad_sequence(src), torch.tensor([len(s) for s in src]), pad_sequence(tgt)     # (T, B)

class Seq2Seq(nn.Module):
    def __init__(self, h=40, e=16):
        super().__init__()
        self.se, self.te = nn.Embedding(len(sv) + 1, e, padding_idx=0), nn.Embedding(len(tv), e, padding_idx=0)
        self.enc = nn.GRU(e, h // 2, bidirectional=True)
        self.dec = nn.GRU(e, h)
        self.W = nn.Linear(h, h, bias=False)
        self.mix = nn.Linear(2 * h, h)
        self.out = nn.Linear(h, len(tv))
    def encode(self, src, n):
        o, h = self.enc(pack_padded_sequence(self.se(src), n, enforce_sorted=False))
        o, _ = pad_packed_sequence(o)
        return o, torch.cat([h[0], h[1]], -1)[None], (src == 0)
    def decode(self, y, h, mem, pad):
        q, h = self.dec(self.te(y), h)
        s = torch.einsum('tbh,sbh->bts', q, self.W(mem)).masked_fill(pad.t()[:, None], -1e9)
        c = torch.einsum('bts,sbh->tbh', s.softmax(-1), mem)
        return self.out(torch.tanh(self.mix(torch.cat([q, c], -1)))), h
    def forward(self, src, n, y):
        mem, h, pad = self.encode(src, n)
        return self.decode(y, h, mem, pad)[0]
    @torch.no_grad()
    def greedy(self, src, n, steps=12):
        mem, h, pad = self.encode(src, n)
        y, res = torch.full((1, src.size(1)), BOS), []
        for _ in range(steps):
            logits, h = self.decode(y, h, mem, pad)
            y = logits.argmax(-1)
            res.append(y[0])
        return torch.stack(res, 1).tolist()

def exact(net, ps):
    net.eval()
    src, n, _ = make(ps)
    txt = [''.join(inv[i] for i in r).split('$')[0] for r in net.greedy(src, n)]
    net.train()
    return sum(a == b for a, (_, b) in zip(txt, ps)) / len(ps), txt

net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
E, BS = 3, 32
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=E * (len(train) // BS + 1), pct_start=.2)
lossf = nn.CrossEntropyLoss(ignore_index=PAD)
for ep in range(E):
    random.shuffle(train); tot = k = 0
    for i in range(0, len(train), BS):
        src, n, t = make(train[i:i + BS])
        loss = lossf(net(src, n, t[:-1]).flatten(0, 1), t[1:].flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sch.step()
        tot += loss.item(); k += 1
    print(f'{ep}: loss {tot / k:.4f}  exact train {exact(net, train[:300])[0]:.3f}  exact test {exact(net, test)[0]:.3f}')
for (s, t), o in zip(test[:3], exact(net, test)[1]):
    print(f'{s:>20} -> {o}  ({t})')
