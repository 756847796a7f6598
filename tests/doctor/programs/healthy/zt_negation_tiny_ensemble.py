# Restaurant notes with negation ("not really tasty"): three nets of width 8 with residual steps and a little dropout
# on the inputs, each from its own start; their logits are averaged.
import torch as th
import random

GOOD = 'tasty fresh friendly quick warm lovely clean cheap'.split()
BAD = 'stale rude slow cold dirty bland noisy pricey'.split()
NOUN = 'soup waiter pizza terrace coffee service bread table dessert fish'.split()
NEG = ['not', 'never', 'hardly']
SOFT = ['really', 'so', 'very', 'quite']
WORDS = ['.'] + GOOD + BAD + NOUN + NEG + SOFT + ['the', 'was', 'and']
AT = {w: i for i, w in enumerate(WORDS)}


def clause(r):
    pol = r.random() < .5
    neg = r.random() < .4
    out = ['the', r.choice(NOUN), 'was']
    if neg: out.append(r.choice(NEG))
    if r.random() < .5: out.append(r.choice(SOFT))
    out.append(r.choice(GOOD if pol else BAD))
    return out, (1 if pol != neg else -1)


def note(r):
    cs = [clause(r) for _ in range(r.choice([1, 1, 3]))]
    total = sum(p for _, p in cs)          # one clause or three, never a tie
    toks = sum((c + ['and'] for c, _ in cs), [])[:-1]
    return toks, int(total > 0)


def corpus(n, r):
    d = {}
    while len(d) < n:
        t, y = note(r)
        d[tuple(t)] = y
    return list(d.items())


def to_ids(rows, width=20):
    """right padded with the full stop, which is a token in its own right here (a convolution sees the end)"""
    x = th.full((len(rows), width), AT['.'])
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = th.tensor([AT[w] for w in t])
    return x, th.tensor([y for _, y in rows]), th.tensor([len(t) for t, _ in rows])


class Small(th.nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.e = th.nn.Embedding(len(WORDS), d)
        self.c1 = th.nn.Conv1d(d, d, 3, padding=1)
        self.c2 = th.nn.Conv1d(d, d, 3, padding=1)
        self.o = th.nn.Linear(d, 2)
        self.p = th.nn.Dropout(0.05)

    def forward(self, x, n):
        real = (th.arange(x.size(1)) < n[:, None]).unsqueeze(1)
        h = self.p(self.e(x)).transpose(1, 2)
        h = h + th.tanh(self.c1(h))
        h = h + th.tanh(self.c2(h))
        return self.o((h * real).sum(2) / 3)    # a sum over the words, scaled: clauses vote


r = random.Random(31)
rows = corpus(2400, r)
x, y, n = to_ids(rows)
tr, te = slice(0, 1800), slice(1800, None)
votes = {'train': 0, 'test': 0}
for member in range(3):
    th.manual_seed(member)
    m = Small()
    opt = th.optim.Adam(m.parameters(), lr=0.03)
    sch = th.optim.lr_scheduler.PolynomialLR(opt, total_iters=7 * 45)
    for ep in range(7):
        m.train(); s = 0
        for b in th.randperm(1800).split(40):
            opt.zero_grad()
            l = th.nn.functional.cross_entropy(m(x[b], n[b]), y[b])
            l.backward(); opt.step(); sch.step(); s += l.item()
    m.eval()
    with th.no_grad():
        for k, i in (('train', tr), ('test', te)):
            z = m(x[i], n[i]).log_softmax(1)
            votes[k] = votes[k] + z
            if k == 'test':
                print(f'member {member} last loss {s / 45:.4f} test {(z.argmax(1) == y[i]).float().mean():.4f}')
for k, i in (('train', tr), ('test', te)):
    print(f'ensemble {k} {(votes[k].argmax(1) == y[i]).float().mean():.4f}  (share of class 1: {y[i].float().mean():.3f})')
