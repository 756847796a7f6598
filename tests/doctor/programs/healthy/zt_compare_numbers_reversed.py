# "which number is larger?" -- two numbers of the same length, digit pairs fed in reverse (units first).
# Batches hold one length only, so nothing is ever padded.  Test lengths are the same, numbers are new.
import numpy as np, torch, torch.nn as nn
rs = np.random.RandomState(0); torch.manual_seed(0)

def sample(n, k):
    a = rs.randint(0, 10, (n, k)); b = rs.randint(0, 10, (n, k))
    tie = rs.rand(n, k) < .5                  # many equal places, else the leading digit decides nearly all
    b = np.where(tie, a, b)
    va, vb = (a * 10 ** np.arange(k)[::-1]).sum(1), (b * 10 ** np.arange(k)[::-1]).sum(1)
    y = np.sign(va - vb) + 1                  # 0 smaller, 1 equal, 2 larger
    return np.stack([a, b], 2)[:, ::-1].copy(), y, list(zip(va, vb))

by_len, test, taken = {}, {}, set()
for k in (3, 4, 5, 6):
    x, y, ids = sample(900, k)
    taken |= {(k, i) for i in ids}
    by_len[k] = (torch.tensor(x), torch.tensor(y))
    x, y, ids = sample(250, k)
    new = np.array([(k, i) not in taken for i in ids])
    test[k] = (torch.tensor(x[new]), torch.tensor(y[new]))

class Cell(nn.Module):
    """minimal gated recurrence, written out"""
    def __init__(self, d):
        super().__init__()
        self.digit = nn.Embedding(10, 6)
        self.f = nn.Linear(12 + d, d); self.c = nn.Linear(12 + d, d)
        self.out = nn.Linear(d, 3); self.d = d
    def forward(self, pairs):
        e = self.digit(pairs).flatten(2)      # n, k, 12
        h = e.new_zeros(len(e), self.d)
        for t in range(e.size(1)):
            u = torch.cat([e[:, t], h], 1)
            z = torch.sigmoid(self.f(u))
            h = (1 - z) * h + z * torch.tanh(self.c(u))
        return self.out(h)

net = Cell(20)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
def rate(d):
    net.eval()
    with torch.no_grad():
        return {k: round((net(x).argmax(1) == y).float().mean().item(), 3) for k, (x, y) in d.items()}

for ep in range(8):
    todo = [(k, i) for k, (x, _) in by_len.items() for i in torch.randperm(len(x)).split(45)]
    rs.shuffle(todo := np.array(todo, dtype=object))
    net.train(); tot = 0
    for k, i in todo:
        x, y = by_len[k]
        l = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad(); l.backward(); opt.step(); tot += l.item()
    if ep == 5:
        for g in opt.param_groups: g['lr'] *= .25
    print('epoch', ep, 'loss', round(tot / len(todo), 4), 'train', rate(by_len), 'test', rate(test))
