"""Pointer network: a list of key=value notes and a query key -> point at the value's position.
Keys come in any order and any number; positions are the output classes, so the output size varies with the input."""
import math, random, torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2); torch.manual_seed(2)
KEYS = [f'k{i}' for i in range(20)]
VALS = [f'v{i}' for i in range(30)]
FILL = ['note', 'and', 'also', 'then', ';']
itos = ['<pad>'] + KEYS + VALS + FILL
stoi = {w: i for i, w in enumerate(itos)}


def sample():
    n = random.randint(3, 6)
    toks, where = [], {}
    for k in random.sample(KEYS, n):
        if random.random() < .4:
            toks.append(random.choice(FILL))
        toks.append(k)
        where[k] = len(toks)
        toks.append(random.choice(VALS))
    q = random.choice(list(where))
    return toks, q, where[q]


rows = {}
while len(rows) < 3400:
    t, q, w = sample()
    rows[' '.join(t)] = (t, q, w)
rows = list(rows.values())
tr, va = rows[:3000], rows[3000:]


def tensors(rs):
    L = max(len(r[0]) for r in rs)
    x = torch.tensor([[stoi[w] for w in t] + [0] * (L - len(t)) for t, _, _ in rs])
    return x, torch.tensor([stoi[q] for _, q, _ in rs]), torch.tensor([w for *_, w in rs])


class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(len(itos), d, padding_idx=0)
        self.prev = nn.Linear(d, d, bias=False)      # look one word to the left
        self.cur = nn.Linear(d, d)
        self.q = nn.Linear(d, d)
        self.d = d

    def forward(self, x, query):
        e = self.e(x)
        left = F.pad(e, (0, 0, 1, 0))[:, :-1]
        mem = torch.tanh(self.cur(e) + self.prev(left))
        s = torch.einsum('bld,bd->bl', mem, self.q(self.e(query))) / math.sqrt(self.d)
        return s.masked_fill(x.eq(0), float('-inf'))


net = Pointer()
optim = torch.optim.RMSprop(net.parameters(), lr=4e-3)
sch = torch.optim.lr_scheduler.StepLR(optim, 2, .3)


def right(rs):
    net.eval()
    with torch.no_grad():
        x, q, w = tensors(rs)
        r = (net(x, q).argmax(1) == w).float().mean().item()
    net.train()
    return r


for e in range(1, 6):
    random.shuffle(tr)
    tot = 0
    for i in range(0, len(tr), 50):
        x, q, w = tensors(tr[i:i + 50])
        loss = F.cross_entropy(net(x, q), w)
        optim.zero_grad(); loss.backward(); optim.step()
        tot += loss.item()
    sch.step()
    print(f'epoch {e:2d} loss {tot / 60:.3f} pointing right: val {right(va):.3f}')
print(f'final: train {right(tr):.3f} val {right(va):.3f}')
