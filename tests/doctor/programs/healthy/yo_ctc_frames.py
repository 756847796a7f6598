# Toy "speech": every letter of a word emits 2-4 noisy frames; the recogniser reads frames and is trained with CTC.
import numpy as np
import torch
import torch.nn as nn

SEED = 5
g = np.random.RandomState(SEED)
torch.manual_seed(SEED)
letters = 'abcdefghijkl'
BLANK = 0
proto = g.randn(len(letters), 10) * 1.2      # acoustic prototypes


def word():
    return ''.join(g.choice(list(letters), size=g.randint(3, 8)))


def speak(w):
    fr = []
    for c in w:
        p = proto[letters.index(c)]
        for _ in range(g.randint(2, 5)):
            fr.append(p + g.randn(10) * .5)
        if g.rand() < .5: fr.append(g.randn(10) * .5)       # short pause
        elif len(w) > 1: fr.append(g.randn(10) * .3)
    return np.array(fr, dtype=np.float32)


words = set()
while len(words) < 1500: words.add(word())
words = sorted(words); g.shuffle(words)
corpus = [(w, torch.from_numpy(speak(w))) for w in words]
trn, tst = corpus[:1200], corpus[1200:]


def collate(items):
    T = max(len(x) for _, x in items)
    X = torch.zeros(T, len(items), 10)
    for i, (_, x) in enumerate(items): X[:len(x), i] = x
    return (X, torch.tensor([len(x) for _, x in items]),
            torch.cat([torch.tensor([1 + letters.index(c) for c in w]) for w, _ in items]),
            torch.tensor([len(w) for w, _ in items]))


net = nn.ModuleDict(dict(inp=nn.Linear(10, 32), rnn=nn.GRU(32, 32), out=nn.Linear(32, 1 + len(letters))))
def run(X):
    h = torch.relu(net['inp'](X))
    h, _ = net['rnn'](h)                     # forward only, so the padded tail never reaches the frames before it
    return net['out'](h).log_softmax(-1)


def greedy(lp, n):
    best = lp[:n].argmax(-1).tolist()
    out, prev = [], None
    for b in best:
        if b != prev and b != BLANK: out.append(letters[b - 1])
        prev = b
    return ''.join(out)


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        p, d[0] = d[0], i
        for j, cb in enumerate(b, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (ca != cb))
    return d[-1]


def cer(items):
    net.eval()
    with torch.no_grad():
        X, n, _, _ = collate(items); lp = run(X)
    hyp = [greedy(lp[:, i], int(n[i])) for i in range(len(items))]
    net.train()
    return (sum(edit(h, w) for h, (w, _) in zip(hyp, items)) / sum(len(w) for w, _ in items),
            np.mean([h == w for h, (w, _) in zip(hyp, items)]))


ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-4)
steps = 7 * (len(trn) // 40)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.2e-2, total_steps=steps)
for ep in range(7):
    g.shuffle(trn); run_loss = 0.
    for k in range(0, len(trn), 40):
        X, n, t, m = collate(trn[k:k + 40])
        loss = ctc(run(X), t, n, m)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step(); run_loss += loss.item()
    print(f'{ep}: ctc {run_loss / (len(trn) / 40):.4f}  CER test %.3f  words right %.3f' % cer(tst))
print('train CER %.3f words %.3f' % cer(trn[:300]), '| test CER %.3f words %.3f' % cer(tst))
