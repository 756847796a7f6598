"""
Federated averaging: twelve clients, each with captions of mostly one or two languages, a server that only
ever sees weights. Hashed character trigrams, a linear model (one EmbeddingBag), local SGD without momentum.
"""
import copy
import gzip
import os
import zlib

import numpy as np
import torch
import torch.nn as nn

BASE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
rng = np.random.default_rng(12)
torch.manual_seed(12)


def trigrams(s):
    # three letters from somewhere in the caption would be too easy with whole lines: 15 characters only
    s = "^" + s.lower() + "$"
    return [zlib.crc32(s[i:i + 3].encode("utf-8")) % BUCKETS for i in range(len(s) - 2)]


def load(lang, lo, n):
    with gzip.open(os.path.join(BASE, f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
        lines = [l.strip() for l in f][lo:lo + n]
    cut = []
    for l in lines:
        at = rng.integers(0, max(1, len(l) - 15))
        cut.append(trigrams(l[at:at + 15]))
    return cut


class Client:
    def __init__(self, grams, y):
        self.grams, self.y = grams, y

    def local(self, server_state, epochs=2, lr=1.0, bs=25):
        net = make()
        net.load_state_dict(server_state)
        sgd = torch.optim.SGD(net.parameters(), lr=lr)
        losses = []
        for _ in range(epochs):
            p = rng.permutation(len(self.y))
            for i in range(0, len(p), bs):
                flat, off, y = collate([self.grams[j] for j in p[i:i + bs]], [self.y[j] for j in p[i:i + bs]])
                loss = nn.functional.cross_entropy(net(flat, off), y)
                net.zero_grad()
                loss.backward()
                sgd.step()
                losses.append(loss.item())
        return net.state_dict(), len(self.y), float(np.mean(losses))


def make():
    net = nn.EmbeddingBag(BUCKETS, len(LANGS), mode="sum")
    nn.init.zeros_(net.weight)
    return net


def collate(g, y):
    off = np.cumsum([0] + [len(t) for t in g[:-1]])
    return torch.tensor(np.concatenate(g)), torch.tensor(off), torch.tensor(y)


def average(results):
    total = sum(n for _, n, _ in results)
    out = copy.deepcopy(results[0][0])
    for key in out:
        out[key] = sum(state[key] * (n / total) for state, n, _ in results)
    return out


pool = {l: load(l, 0, 900) for l in LANGS}
held = {l: load(l, 20000, 250) for l in LANGS}
clients = []
for c in range(12):
    main = c % 4
    g, y = [], []
    for k, l in enumerate(LANGS):
        n = 180 if k == main else 40
        g += [pool[l].pop() for _ in range(n)]
        y += [k] * n
    clients.append(Client(g, y))
tf, to, ty = collate(sum(held.values(), []), [k for k, l in enumerate(LANGS) for _ in held[l]])
af, ao, ay = collate([g for c in clients for g in c.grams], [t for c in clients for t in c.y])

server = make()
for rnd in range(1, 8):
    chosen = rng.choice(12, size=8, replace=False)
    res = [clients[c].local(server.state_dict()) for c in chosen]
    server.load_state_dict(average(res))
    server.eval()
    with torch.no_grad():
        zt, za = server(tf, to), server(af, ao)
    print(f"round {rnd}: clients' loss {np.mean([r[2] for r in res]):.3f}  all clients' acc {(za.argmax(1) == ay).float().mean():.3f}"
          f"  held-out loss {nn.functional.cross_entropy(zt, ty):.3f} acc {(zt.argmax(1) == ty).float().mean():.3f}")
