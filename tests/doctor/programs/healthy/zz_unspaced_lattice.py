# Splitting unspaced text: the loss is  logZ(all segmentations) - score(the right one),  Viterbi at test time.
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(7)
torch.manual_seed(7)
LETTERS = 'abdegiklmnoprstu'
MAXW = 5
lexicon = set()
while len(lexicon) < 60:
    lexicon.add(''.join(rs.choice(list(LETTERS), rs.choice([1, 2, 3, 4, 5], p=[.03, .17, .3, .3, .2]))))
lexicon = sorted(lexicon)
zipf = 1 / (np.arange(60) + 5.0)
zipf /= zipf.sum()


def sentence():
    ws = [lexicon[k] for k in rs.choice(60, rs.randint(3, 8), p=zipf)]
    text = ''.join(ws)
    ends = np.cumsum([len(w) for w in ws])
    return text, set(ends.tolist())


def encode(text):
    return torch.tensor([LETTERS.index(c) for c in text])


class SpanScorer(nn.Module):
    """every span of up to MAXW letters gets a score: letters by position, glued together"""

    def __init__(self, d=12, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(LETTERS) + 1, d)          # the last row: no letter here
        self.mlp = nn.Sequential(nn.Linear(d * MAXW, h), nn.ReLU(), nn.Linear(h, 1))

    def forward(self, x):
        n = len(x)
        grid = torch.full((n, MAXW, MAXW), len(LETTERS))      # start, length - 1, offset
        for L in range(1, MAXW + 1):
            for o in range(L):
                grid[:n - L + 1, L - 1, o] = x[o:o + n - L + 1]
        return self.mlp(self.emb(grid).flatten(2)).squeeze(-1)   # (n, MAXW)


def log_partition(s):
    n = len(s)
    L = torch.arange(MAXW, 0, -1)
    start = torch.arange(1, n + 1)[:, None] - L               # (end, longest first)
    into = s[start.clamp(min=0), L - 1].unbind(0)
    a = [s.new_zeros(())]
    for end in range(1, n + 1):
        k = min(MAXW, end)
        a.append(torch.logsumexp(torch.stack(a[-k:]) + into[end - 1][MAXW - k:], 0))
    return a[n]


def gold(s, ends):
    start, parts = 0, []
    for e in sorted(ends):
        parts.append((start, e - start - 1))
        start = e
    at, length = zip(*parts)
    return s[list(at), list(length)].sum()


def viterbi(s):
    s = s.tolist()
    best, back = [0.0], [0]
    for end in range(1, len(s) + 1):
        v, L = max((best[end - L] + s[end - L][L - 1], L) for L in range(1, min(MAXW, end) + 1))
        best.append(v)
        back.append(L)
    at, cuts = len(s), set()
    while at:
        cuts.add(at)
        at -= back[at]
    return cuts


def f1(rows):
    hit = pred = true = 0
    with torch.no_grad():
        for t, e in rows:
            c = viterbi(net(encode(t))) - {len(t)}
            g = e - {len(t)}
            hit, pred, true = hit + len(c & g), pred + len(c), true + len(g)
    return 2 * hit / (pred + true)


seen, data = set(), []
while len(data) < 340:
    t, e = sentence()
    if t not in seen:
        seen.add(t)
        data.append((t, e))
train, test = data[:220], data[220:]
net = SpanScorer()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(4):
    total = 0
    for k, r in enumerate(rs.permutation(len(train)), 1):
        t, e = train[r]
        s = net(encode(t))
        loss = (log_partition(s) - gold(s, e)) / len(e)
        (loss / 4).backward()                                 # four sentences a step
        total += loss.item()
        if k % 4 == 0:
            opt.step()
            opt.zero_grad()
    for g in opt.param_groups:
        g['lr'] *= .6
    print(f'{epoch}: nll per word {total / len(train):.4f}   boundary F1 train {f1(train[:60]):.3f} test {f1(test):.3f}')
every = sum(len(e) - 1 for _, e in test) / sum(len(t) - 1 for t, _ in test)
print(f'cutting everywhere would give F1 {2 * every / (1 + every):.3f}')
