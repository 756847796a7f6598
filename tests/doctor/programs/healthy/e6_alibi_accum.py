# Small pre-norm transformer with linear position biases (ALiBi).  Task: which symbol stands k places from the end,
# where k is asked in the last place.  Micro-batches with accumulated gradients, label smoothing, averaged weights at the end.
import copy
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(77)
SYMS, KMAX = 8, 4
PAD, K0, S0 = 0, 1, 1 + KMAX
VOC = 1 + KMAX + SYMS


def generate(n):
    ln = torch.randint(5, 11, (n,))
    body = torch.randint(0, SYMS, (n, 10)) + S0
    k = torch.randint(1, KMAX + 1, (n,))
    seq = torch.zeros(n, 11, dtype=torch.long)
    # left padded, so that the distance from the end is the same in all rows
    for i in range(n):
        L = ln[i].item()
        seq[i, 10 - L:10] = body[i, :L]
        seq[i, 10] = K0 + k[i] - 1
    y = seq.gather(1, (10 - k).unsqueeze(1)).squeeze(1) - S0
    return seq, y


X, Y = generate(3300)
X, first = torch.unique(X, dim=0, return_inverse=True)
lab = torch.empty(len(X), dtype=torch.long)
lab[first] = Y
perm = torch.randperm(len(X))
X, Y = X[perm], lab[perm]
Xtr, Ytr, Xva, Yva = X[:-500], Y[:-500], X[-500:], Y[-500:]


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h, self.n1, self.n2 = heads, nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.register_buffer("slopes", torch.tensor([2.0 ** -(i - 1) for i in range(heads)]))

    def forward(self, x, pad):
        B, T, D = x.shape
        q, k, v = (t.view(B, T, self.h, -1).transpose(1, 2) for t in self.qkv(self.n1(x)).chunk(3, -1))
        dist = (torch.arange(T)[:, None] - torch.arange(T)[None]).abs()
        s = q @ k.transpose(-1, -2) / math.sqrt(D // self.h) - self.slopes.view(1, -1, 1, 1) * dist
        s = s.masked_fill(pad[:, None, None, :], -1e9)
        x = x + self.o((s.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.n2(x))


class Net(nn.Module):
    def __init__(self, d=32, heads=4, depth=1):
        super().__init__()
        self.tok, self.endpos = nn.Embedding(VOC, d, padding_idx=PAD), nn.Embedding(11, d)
        self.blocks = nn.ModuleList([Block(d, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, SYMS)

    def forward(self, x):
        pad = x == PAD
        h = self.tok(x) + self.endpos.weight
        for b in self.blocks:
            h = b(h, pad)
        return self.head(self.norm(h[:, -1]))


def acc(m, x, y):
    m.eval()
    with torch.no_grad():
        out = m(x)
    m.train()
    return (out.argmax(-1) == y).float().mean().item(), F.cross_entropy(out, y).item()


net, ACC = Net(), 2
ema = copy.deepcopy(net)
opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.01)
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 5e-3, total_steps=EPOCHS * math.ceil(len(Xtr) / (ACC * 48)), pct_start=0.2)
for ep in range(EPOCHS):
    micro = torch.randperm(len(Xtr)).split(48)
    for j in range(0, len(micro), ACC):
        for idx in micro[j:j + ACC]:
            (F.cross_entropy(net(Xtr[idx]), Ytr[idx], label_smoothing=0.05) / len(micro[j:j + ACC])).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        sched.step()
        with torch.no_grad():
            for a, b in zip(ema.parameters(), net.parameters()):
                a.lerp_(b, 0.1)
    print("epoch %d  train %.3f (%.3f)  valid %.3f (%.3f)" % ((ep + 1,) + acc(net, Xtr[:800], Ytr[:800]) + acc(net, Xva, Yva)))
print("averaged weights: valid %.3f (%.3f)" % acc(ema, Xva, Yva))
