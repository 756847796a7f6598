#!/usr/bin/env python
# End-To-End Memory Networks (Sukhbaatar 2015), bAbI task 1 look-alike, one file
# 2 hops, adjacent weight tying, temporal encoding.  stories: "mary went to the kitchen" ... "where is mary"
import random, torch, torch.nn as nn

WHO = ['mary', 'john', 'daniel', 'sandra', 'fred']
PLACE = ['kitchen', 'garden', 'office', 'hall', 'bath', 'attic']
VERB = ['went', 'moved', 'ran']
word2ix = {w: i for i, w in enumerate(['the', 'to', 'where', 'is'] + WHO + PLACE + VERB)}
M = 8                      # sentences in each story
rng = random.Random(2015)

def story():
    where, sents = {}, []
    for _ in range(M):
        w, p, v = rng.choice(WHO), rng.choice(PLACE), rng.choice(VERB)
        where[w] = p
        sents.append([word2ix[t] for t in (w, v, 'to', 'the', p)])
    asked = rng.choice(sorted(where))
    return sents, [word2ix['where'], word2ix['is'], word2ix[asked]], PLACE.index(where[asked])

def dataset(n):
    s, q, a = zip(*[story() for _ in range(n)])
    return torch.tensor(s), torch.tensor(q), torch.tensor(a)

class MemN2N(nn.Module):
    def __init__(self, V, d=32, hops=2):
        super().__init__()
        self.emb = nn.ModuleList([nn.Embedding(V, d) for _ in range(hops + 1)])   # A1, C1=A2, C2
        self.time = nn.ParameterList([nn.Parameter(torch.zeros(M, d)) for _ in range(hops + 1)])
        for e in self.emb: nn.init.normal_(e.weight, 0, .1)
        self.H = nn.Linear(d, d, bias=False)
        self.W = nn.Linear(d, len(PLACE), bias=False)
        self.hops = hops
    def forward(self, s, q, linear=False):
        u = self.emb[0](q).sum(1)
        for k in range(self.hops):
            m = self.emb[k](s).sum(2) + self.time[k]
            c = self.emb[k + 1](s).sum(2) + self.time[k + 1]
            p = (m * u.unsqueeze(1)).sum(-1)
            if not linear: p = p.softmax(1)
            else: p = p / M                        # "linear start": no softmax in the first epoch
            u = self.H(u) + (p.unsqueeze(-1) * c).sum(1)
        return self.W(u), p

torch.manual_seed(1)
S, Q, A = dataset(4000)
tS, tQ, tA = dataset(800)
net = MemN2N(len(word2ix))
opt = torch.optim.Adam(net.parameters(), lr=.01)
EPOCHS = 6
for ep in range(EPOCHS):
    lin = ep < 1
    for g in opt.param_groups: g['lr'] = .01 * (1 if ep < 4 else .2 ** (ep - 3))
    net.train(); tot = hit = 0
    for ix in torch.randperm(len(S)).split(100):
        o, _ = net(S[ix], Q[ix], lin)
        loss = nn.functional.cross_entropy(o, A[ix])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 40.)
        opt.step()
        tot += loss.item() * len(ix); hit += (o.argmax(1) == A[ix]).sum().item()
    net.eval()
    with torch.no_grad(): o, att = net(tS, tQ, lin)
    print('%2d%s loss %.4f train %.3f test %.3f' % (ep, ' (linear)' if lin else '', tot / len(S), hit / len(S), (o.argmax(1) == tA).float().mean()))
print('last hop attention of one story', [round(v, 2) for v in att[0].tolist()])
