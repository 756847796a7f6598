# Read words off a noisy strip of "strokes": each letter lasts 1-4 frames, gaps in between. CTC, greedy decoding.
import random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(6); random.seed(6); np.random.seed(6)
LETTERS = "abcdefghij"
GLYPH = np.random.randn(len(LETTERS) + 1, 8).astype("f4")
GLYPH[-1] = 0


def sample():
    w = [random.randrange(len(LETTERS)) for _ in range(random.randint(3, 6))]
    f = []
    for c in w:
        f += [c] * random.randint(2, 4) + [len(LETTERS)] * random.randint(1, 2)
    return w, f


def make(n, avoid=()):
    xs, ys, seen = [], [], set(avoid)
    while len(xs) < n:
        w, f = sample()
        if tuple(w) in seen:
            continue
        seen.add(tuple(w))
        xs.append(torch.from_numpy(GLYPH[f] + 0.45 * np.random.randn(len(f), 8).astype("f4")))
        ys.append(w)
    return xs, ys


xtr, ytr = make(800)
xte, yte = make(200, {tuple(w) for w in ytr})
net = nn.Sequential(nn.Conv1d(8, 32, 5, padding=2), nn.ReLU(), nn.Conv1d(32, len(LETTERS) + 1, 1))    # class 0 is the blank
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=1.5e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)


def forward(xs):
    x = nn.utils.rnn.pad_sequence(xs, batch_first=True)
    return net(x.transpose(1, 2)).permute(2, 0, 1).log_softmax(-1), torch.tensor([len(f) for f in xs])


def greedy(lp, lens):
    out = []
    for k, n in enumerate(lens):
        best = lp[:n, k].argmax(-1).tolist()
        out.append([c - 1 for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c)])
    return out


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a):
        p, d[0] = d[0], i + 1
        for j, y in enumerate(b):
            p, d[j + 1] = d[j + 1], min(d[j + 1] + 1, d[j] + 1, p + (x != y))
    return d[-1]


for epoch in range(8):
    order = list(range(len(xtr))); random.shuffle(order); tot = 0
    for i in range(0, len(order), 20):
        b = order[i:i + 20]
        lp, lens = forward([xtr[j] for j in b])
        target = torch.tensor([c + 1 for j in b for c in ytr[j]])
        loss = ctc(lp, target, lens, torch.tensor([len(ytr[j]) for j in b]))
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item()
    sched.step()
    with torch.no_grad():
        hyp = greedy(*forward(xte))
    cer = sum(distance(h, y) for h, y in zip(hyp, yte)) / sum(map(len, yte))
    print(f"epoch {epoch} ctc {tot / (len(order) / 20):.3f}  CER {cer:.3f}  exact {np.mean([h == y for h, y in zip(hyp, yte)]):.3f}")
