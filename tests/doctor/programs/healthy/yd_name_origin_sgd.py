# Made-up towns of four countries: guess the country from the letters.
# In the spirit of the classic PyTorch tutorial: a hand-made Elman cell, one name at a time,
# parameters updated by hand (no optimizer object at all).
import math
import random
import string
import time

import torch

random.seed(1)
torch.manual_seed(1)

PARTS = {
    'Norrland': (['bj', 'st', 'h', 'sk', 'v', 'l', 'fj', 'gr'], ['ö', 'å', 'ä', 'e', 'a'], ['rk', 'n', 'lm', 'nd', 'll'], ['sund', 'berg', 'vik', 'stad', 'ås']),
    'Toscana': (['m', 'b', 'c', 'gr', 'v', 'l', 'p', 'f'], ['o', 'a', 'e', 'i'], ['nt', 'll', 'rr', 'ss', 'cc'], ['ino', 'ella', 'ano', 'etta', 'aro']),
    'Polesie': (['krz', 'sz', 'w', 'br', 'z', 'cz', 'k', 'p'], ['y', 'e', 'o', 'a'], ['sz', 'rn', 'dz', 'cz', 'l'], ['ów', 'owice', 'sko', 'ice', 'ec']),
    'Honshu': (['k', 't', 's', 'n', 'm', 'y', 'h', 'sh'], ['a', 'i', 'u', 'o'], ['k', 'm', 'r', 'n', 't'], ['awa', 'ishi', 'ama', 'oto', 'uchi']),
}
COUNTRIES = list(PARTS)


def town(c):
    on, vo, co, end = PARTS[c]
    s = random.choice(on) + random.choice(vo)
    if random.random() < 0.5:
        s += random.choice(co) + random.choice(vo)
    return s + random.choice(co) + random.choice(end)


names = {}
while len(names) < 1500:
    c = random.choice(COUNTRIES)
    names.setdefault(town(c), c)
items = list(names.items())
random.shuffle(items)
train, test = items[:1200], items[1200:]
letters = string.ascii_lowercase + 'öåäó'
code = {ch: i for i, ch in enumerate(letters)}

H = 24


def new(*shape):
    k = 1 / math.sqrt(shape[0])
    return ((torch.rand(*shape) * 2 - 1) * k).requires_grad_()


E, W, b, V, c0 = new(len(letters), H), new(H, H), torch.zeros(H, requires_grad=True), new(H, 4), torch.zeros(4, requires_grad=True)
theta = [E, W, b, V, c0]


def run(name):
    h = torch.zeros(H)
    for ch in name:
        h = torch.tanh(E[code[ch]] + h @ W + b)
    return torch.log_softmax(h @ V + c0, 0)


def score(rows):
    with torch.no_grad():
        return sum(COUNTRIES[run(n).argmax().item()] == c for n, c in rows) / len(rows)


t0 = time.time()
lr = 0.06
for it in range(1, 2 * len(train) + 1):
    name, c = train[(it - 1) % len(train)]
    loss = -run(name)[COUNTRIES.index(c)]
    grads = torch.autograd.grad(loss, theta)
    with torch.no_grad():
        for p, g in zip(theta, grads):
            p.sub_(g.clamp_(-1, 1), alpha=lr)
    if it == 1:
        avg = loss.item()
    avg = 0.99 * avg + 0.01 * loss.item()
    if it % 300 == 0:
        lr *= 0.7
        print('%5d  lr %.4f  running loss %.4f' % (it, lr, avg))
    if it % len(train) == 0:
        random.shuffle(train)
        print('   held-out accuracy %.3f   (train %.3f)' % (score(test), score(train[:300])))
