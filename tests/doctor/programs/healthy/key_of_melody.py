"""For each note of a melody: is it outside the key that the first note and the mode mark declare?  Own multi-head attention."""
import torch
import torch.nn as nn
import torch.nn.functional as F

g = torch.Generator().manual_seed(20)
torch.manual_seed(20)
MAJOR, MINOR = [0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]
PAD, MAJ, MIN = 0, 1, 2          # notes are 3..14


def make(n, T=16):
    x = torch.zeros(n, T, dtype=torch.long)
    y = torch.full((n, T), -1)
    for i in range(n):
        L = int(torch.randint(7, T + 1, (1,), generator=g))
        key, mode = int(torch.randint(12, (1,), generator=g)), int(torch.randint(2, (1,), generator=g))
        scale = {(key + s) % 12 for s in (MINOR if mode else MAJOR)}
        notes = torch.randint(12, (L - 2,), generator=g).tolist()
        x[i, :L] = torch.tensor([MIN if mode else MAJ, key + 3] + [m + 3 for m in notes])
        y[i, 2:L] = torch.tensor([int(m not in scale) for m in notes])
    return x, y


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.o = nn.Linear(d, d)

    def forward(self, x, pad):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        w = q @ k.transpose(-1, -2) / (D // self.h) ** .5
        w = w.masked_fill(pad[:, None, None, :], float("-inf"))
        return self.o((w.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D))


class Block(nn.Module):
    def __init__(self, d=64, heads=4):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = Attention(d, heads)
        self.ff = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x, pad):
        x = x + self.att(self.n1(x), pad)
        return x + self.ff(self.n2(x))


class Model(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.note = nn.Embedding(15, d)
        self.place = nn.Parameter(torch.randn(16, d) * .1)
        self.blocks = nn.ModuleList([Block(d), Block(d)])
        self.end = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2))

    def forward(self, x):
        pad = x.eq(PAD)
        h = self.note(x) + self.place[:x.size(1)]
        for b in self.blocks:
            h = b(h, pad)
        return self.end(h)


xtr, ytr = make(3000)
xdv, ydv = make(400)
net = Model()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=7 * 47)


def acc(x, y):
    net.eval()
    with torch.inference_mode():
        p = net(x).argmax(-1)
    m = y >= 0
    return (p[m] == y[m]).float().mean().item()


m = ydv >= 0
print("majority", round(max(ydv[m].float().mean().item(), 1 - ydv[m].float().mean().item()), 3))
for epoch in range(7):
    net.train()
    s = 0
    for b in torch.randperm(len(xtr)).split(64):
        out = net(xtr[b])
        loss = F.cross_entropy(out.reshape(-1, 2), ytr[b].reshape(-1), ignore_index=-1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        s += loss.item()
    print(f"{epoch:2d} loss {s / 47:.4f} train {acc(xtr[:500], ytr[:500]):.4f} dev {acc(xdv, ydv):.4f}")
