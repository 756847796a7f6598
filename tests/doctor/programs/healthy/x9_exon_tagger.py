"""Tag every base of a read: inside a (toy) exon or not.  ~1/6 of bases are positive, hence pos_weight and F1, not accuracy.
Reads all have the same length, so there is nothing to pad."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

gen = np.random.default_rng(8)
torch.manual_seed(8)
L = 72


def read():
    s = gen.choice(4, L, p=[.35, .15, .15, .35])  # A C G T
    t = np.zeros(L, int)
    if gen.random() < 0.65:
        n = int(gen.integers(12, 25))
        a = int(gen.integers(4, L - n - 4))
        s[a - 2:a] = [0, 2]                                   # ..AG|
        s[a:a + n] = gen.choice(4, n, p=[.09, .41, .41, .09])   # GC rich
        s[a + n:a + n + 2] = [2, 3]                           # |GT..
        t[a:a + n] = 1
    return s, t


S, T = map(np.stack, zip(*[read() for _ in range(1500)]))
onehot = F.one_hot(torch.from_numpy(S), 4).float()   # reads x bases x 4
T = torch.from_numpy(T).float()
fit, val = slice(0, 1200), slice(1200, 1500)


class Tagger(nn.Module):
    def __init__(self, c=16):
        super().__init__()
        self.inp = nn.Conv1d(4, c, 5, padding=2)
        self.dil = nn.ModuleList(nn.Conv1d(c, c, 3, padding=d, dilation=d) for d in (1, 2, 4, 8))
        self.out = nn.Conv1d(c, 1, 1)

    def forward(self, x):
        h = F.gelu(self.inp(x.transpose(1, 2)))
        for conv in self.dil:
            h = h + F.gelu(conv(h))
        return self.out(h)[:, 0]


def f1(logit, t, cut=0.0):
    p = (logit > cut).float()
    tp = (p * t).sum()
    return (2 * tp / (p.sum() + t.sum())).item()


share = T[fit].mean()
weight = ((1 - share) / share).sqrt()   # halfway between none and full balancing
net = Tagger()
EPOCHS = 7
opt = torch.optim.AdamW(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * 40)
print("positive bases %.3f, weight %.2f" % (share, weight))
for epoch in range(EPOCHS):
    net.train()
    seen = 0.0
    for b in torch.randperm(1200).split(30):
        x, t = onehot[fit][b], T[fit][b]
        loss = F.binary_cross_entropy_with_logits(net(x), t, pos_weight=weight)
        net.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        seen += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        a, b = net(onehot[fit]), net(onehot[val])
        vl = F.binary_cross_entropy_with_logits(b, T[val], pos_weight=weight).item()
    print("%d  loss %.3f  val %.3f  F1 train %.3f val %.3f" % (epoch, seen / 1200, vl, f1(a, T[fit]), f1(b, T[val])))
