import random
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 99
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
N_INTENTS, MARGIN = 15, 0.3
CUES = [[f"c{i}w{k}" for k in range(8)] for i in range(N_INTENTS)]
SMALLTALK = [f"s{k}" for k in range(30)]


def utterance(i):
    n = random.randint(2, 4)
    ws = random.sample(CUES[i], n) + random.choices(SMALLTALK, k=random.randint(2, 6)) + random.choices(CUES[random.randrange(N_INTENTS)], k=random.randint(0, 1))
    random.shuffle(ws)
    return ws


corpus = [(utterance(k % N_INTENTS), k % N_INTENTS) for k in range(2250)]
random.shuffle(corpus)
train, test = corpus[:1800], corpus[1800:]
lex = {w: k for k, (w, _) in enumerate(Counter(w for s, _ in train for w in s).most_common())}


def counts(rows):
    """dense bag of words with square-root damping, straight from numpy"""
    m = np.zeros((len(rows), len(lex)), dtype=np.float32)
    for r, (s, _) in enumerate(rows):
        for w in s:
            if w in lex:
                m[r, lex[w]] += 1
    return torch.from_numpy(np.sqrt(m)), torch.tensor([y for _, y in rows])


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(len(lex), 48), nn.LayerNorm(48), nn.GELU(), nn.Linear(48, 12))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


class SemiHardTriplet(nn.Module):
    """for each anchor and positive the closest negative that is still further away than the positive"""
    def forward(self, z, y):
        d = 2 - 2 * z @ z.T
        same = y[:, None] == y[None, :]
        a, p = (same & ~torch.eye(len(y), dtype=torch.bool)).nonzero(as_tuple=True)
        dap = d[a, p]
        dn = d[a].masked_fill(same[a], 9.0)
        semi = dn.masked_fill(dn <= dap[:, None], 9.0).min(1).values
        hardest = dn.min(1).values
        neg = torch.where(semi < 9.0, semi, hardest)
        return F.relu(dap - neg + MARGIN).mean()


def balanced_batches(y, classes=10, per=5):
    by = {k: (y == k).nonzero().flatten().tolist() for k in range(N_INTENTS)}
    for _ in range(len(y) // (classes * per)):
        yield torch.tensor([j for k in random.sample(range(N_INTENTS), classes) for j in random.sample(by[k], per)])


def recall_at_1(model, q, yq, base, yb, skip_self=False):
    model.eval()
    with torch.no_grad():
        s = model(q) @ model(base).T
        if skip_self:
            s.fill_diagonal_(-2.)
        return (yb[s.argmax(1)] == yq).float().mean().item()


Xa, ya = counts(train)
Xb, yb = counts(test)
tower, criterion = Tower(), SemiHardTriplet()
opt = torch.optim.AdamW(tower.parameters(), lr=2e-3, weight_decay=0.05)
print("untrained recall@1: %.3f" % recall_at_1(tower, Xb, yb, Xa, ya))
for ep in range(5):
    tower.train()
    ls = []
    for idx in balanced_batches(ya):
        loss = criterion(tower(Xa[idx]), ya[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        ls.append(loss.item())
    print("epoch %d triplet %.4f  recall@1 train %.3f test %.3f" % (ep, np.mean(ls), recall_at_1(tower, Xa, ya, Xa, ya, True), recall_at_1(tower, Xb, yb, Xa, ya)))
