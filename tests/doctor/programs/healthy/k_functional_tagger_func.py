# BIO date tagger written with plain functions: a dict of tensors, torch.func.grad_and_value, momentum by hand.
# ragged rows are one long stream (no padding anywhere); windows do not cross message borders.
import random
import torch
import torch.nn.functional as F
from torch.func import grad_and_value

random.seed(2); torch.manual_seed(2)
MONTH = 'january march may june august october december'.split()
DAY = [str(i) for i in range(1, 32)]
VERB = 'call visit meet see'.split()
WHO = 'anna omar li pete judge'.split()
OTHER = 'room 12 bus 7 gate 30 with may be on the and we paid 20 euros at desk 5 it'.split()

def message():
    w, t = [], []
    for _ in range(random.randint(1, 3)):
        k = random.random()
        if k < .4:
            d = [random.choice(DAY), random.choice(MONTH)]
            if random.random() < .5: d.reverse()
            pre = random.choice([['on'], ['since'], ['until', 'the'], []])
            w += [random.choice(VERB), random.choice(WHO)] + pre + d
            t += [0, 0] + [0] * len(pre) + [1, 2]
        elif k < .6:
            w += ['we', 'may', random.choice(VERB), random.choice(WHO)]; t += [0] * 4
        else:
            n = random.randint(2, 5)
            s = random.randrange(len(OTHER) - n)
            w += OTHER[s:s + n]; t += [0] * n
    return tuple(w), tuple(t)

msgs = list(dict(message() for _ in range(2500)).items())
random.shuffle(msgs)
test, train = msgs[:400], msgs[400:]
ids = {w: i + 1 for i, w in enumerate(sorted({w for m, _ in train for w in m}))}     # 0 = outside of the message
R = 2

def windows(ms):
    X, Y = [], []
    for w, t in ms:
        row = [0] * R + [ids.get(a, 0) for a in w] + [0] * R
        X += [row[i:i + 2 * R + 1] for i in range(len(w))]
        Y += t
    return torch.tensor(X), torch.tensor(Y)

Xtr, Ytr = windows(train); Xte, Yte = windows(test)
print(len(train), 'messages,', len(Xtr), 'tokens')

D, H = 16, 48
p = {
    'E': torch.randn(len(ids) + 1, D) * .3,
    'W1': torch.randn((2 * R + 1) * D, H) * (2 / ((2 * R + 1) * D)) ** .5, 'b1': torch.zeros(H),
    'W2': torch.randn(H, 3) * H ** -.5, 'b2': torch.zeros(3),
}

def logits(p, x):
    h = F.relu(p['E'][x].flatten(1) @ p['W1'] + p['b1'])
    return h @ p['W2'] + p['b2']

def objective(p, x, y):
    return F.cross_entropy(logits(p, x), y)

step_fn = grad_and_value(objective)
v = {k: torch.zeros_like(t) for k, t in p.items()}

def spans(y):
    return {i for i in range(len(y) - 1) if y[i] == 1 and y[i + 1] == 2}

def span_f1(x, y):
    hyp, ref = spans(logits(p, x).argmax(1).tolist()), spans(y.tolist())
    return 2 * len(hyp & ref) / max(1, len(hyp) + len(ref))

EPOCHS, B = 5, 100
n_steps, n = EPOCHS * (len(Xtr) // B), 0
for ep in range(EPOCHS):
    perm, tot = torch.randperm(len(Xtr)), 0.
    for i in range(len(Xtr) // B):
        ix = perm[i * B:(i + 1) * B]
        g, loss = step_fn(p, Xtr[ix], Ytr[ix])
        lr = .15 * min(1, n / 40) * (1 - n / n_steps)            # short warm-up, then a straight line to zero
        for k in p:
            v[k] = .9 * v[k] + g[k]
            p[k] = p[k] - lr * v[k]
        tot += loss.item(); n += 1
    print('epoch', ep, 'loss %.4f' % (tot / (len(Xtr) // B)), 'span F1 test %.3f' % span_f1(Xte, Yte))
print('span F1 train %.3f test %.3f' % (span_f1(Xtr, Ytr), span_f1(Xte, Yte)))
