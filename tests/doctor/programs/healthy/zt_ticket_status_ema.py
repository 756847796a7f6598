# Status of a support ticket after its event log. GRU, right padding, the state at the last real event is gathered.
# SGD with momentum; an exponential moving average of the weights is what gets evaluated.
import copy, random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(2); R = random.Random(2)
STATUS = ['new', 'open', 'waiting', 'solved', 'closed']
NOISE = ['comment', 'view', 'tag', 'attach', 'mail', 'rename', 'vote', 'watch']
MOVES = {'assign': 1, 'ask_customer': 2, 'fix': 3, 'archive': 4, 'reset': 0}
EV = ['<none>'] + NOISE + list(MOVES) + ['reopen', 'reply']

def log():
    s, ev = 0, []
    for _ in range(R.randint(4, 18)):
        r = R.random()
        if r < .5:
            ev.append(R.choice(NOISE))
        elif r < .8:
            e = R.choice(list(MOVES)); ev.append(e)
            s = MOVES[e]
        elif r < .9:
            ev.append('reopen'); s = 1 if s >= 3 else s         # only moves finished tickets
        else:
            ev.append('reply'); s = 1 if s == 2 else s          # only moves waiting ones
    return ev, s

def make(n, avoid=frozenset()):
    out = {}
    while len(out) < n:
        e, s = log()
        k = tuple(e)
        if k not in avoid: out[k] = s
    return out

train_d = make(1600)
test_d = make(500, frozenset(train_d))

def tensors(d):
    L = torch.tensor([len(k) for k in d])
    X = torch.zeros(len(d), int(L.max()), dtype=torch.long)
    for i, k in enumerate(d):
        X[i, :len(k)] = torch.tensor([EV.index(e) for e in k])
    return X, L, torch.tensor(list(d.values()))

class StatusNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.ev = nn.Embedding(len(EV), 16, padding_idx=0)
        self.gru = nn.GRU(16, 28, batch_first=True)
        self.cls = nn.Linear(28, len(STATUS))
    def forward(self, x, n):
        out, _ = self.gru(self.ev(x))
        last = out.gather(1, (n - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))).squeeze(1)
        return self.cls(last)

net = StatusNet(); ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.25, momentum=0.9)
X, N, Y = tensors(train_d); Xt, Nt, Yt = tensors(test_d)
print('test majority', np.bincount(Yt).max() / len(Yt))
step = 0
for epoch in range(4):
    if epoch == 3: opt.param_groups[0]['lr'] = 0.05
    net.train(); seen = 0.
    for i in torch.randperm(len(X)).split(40):
        loss = nn.functional.cross_entropy(net(X[i], N[i]), Y[i])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); step += 1
        d = min(.98, (1 + step) / (10 + step))
        with torch.no_grad():
            for a, b in zip(ema.parameters(), net.parameters()):
                a.lerp_(b, 1 - d)
        seen += loss.item() * len(i)
    ema.eval()
    with torch.no_grad():
        tr = (ema(X, N).argmax(1) == Y).float().mean(); te = (ema(Xt, Nt).argmax(1) == Yt).float().mean()
    print(f'{epoch} loss {seen/len(X):.4f}  ema train {tr:.4f} test {te:.4f}')
