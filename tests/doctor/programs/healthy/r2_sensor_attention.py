# Two sensors disagree: which of four subsystems do they belong to?
# Self-attention written with einsum, positions do not matter, padding is masked, label smoothing 0.1.
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(14)
N_CODES, T, CLASSES = 64, 12, 4
PAD = 0
ALARM = 1                       # the code that follows is the one that matters


def shift_log(n):
    x = torch.randint(2, N_CODES, (n, T))
    length = torch.randint(6, T + 1, (n,))
    pos = (torch.rand(n) * (length - 1)).long()
    rows = torch.arange(n)
    x[rows, pos] = ALARM
    y = (x[rows, pos + 1] - 2) % CLASSES
    x[torch.arange(T)[None] >= length[:, None]] = PAD
    return x, y


class Embed(nn.Module):
    """code of this step and of the step before it, in one vector"""

    def __init__(self, n, d):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n, d) * 0.5)
        self.mix = nn.Parameter(torch.randn(2 * d, d) * (2 * d) ** -0.5)

    def forward(self, x):
        e = F.embedding(x, self.table, padding_idx=PAD)
        before = F.pad(e, (0, 0, 1, 0))[:, :-1]
        return torch.cat([e, before], -1) @ self.mix


class SelfAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Parameter(torch.randn(3, d, d) * d ** -0.5)
        self.o = nn.Parameter(torch.randn(d, d) * d ** -0.5)
        self.gain = nn.Parameter(torch.ones(d))
        self.shift = nn.Parameter(torch.zeros(d))

    def forward(self, h, keep):
        b, t, d = h.shape
        z = F.layer_norm(h, (d,), self.gain, self.shift)
        q, k, v = torch.einsum("btd,sde->sbte", z, self.qkv).view(3, b, t, self.heads, d // self.heads)
        s = torch.einsum("bqhc,bkhc->bhqk", q, k) * (d // self.heads) ** -0.5
        s = s.masked_fill(~keep[:, None, None, :], float("-inf"))
        a = s.softmax(-1)
        return h + torch.einsum("bhqk,bkhc->bqhc", a, v).reshape(b, t, d) @ self.o


class Net(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.embed = Embed(N_CODES, d)
        self.attn = SelfAttention(d, 2)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Dropout(0.1), nn.Linear(2 * d, d))
        self.query = nn.Parameter(torch.randn(d) * d ** -0.5)
        self.out = nn.Linear(d, CLASSES)

    def forward(self, x):
        keep = x != PAD
        h = self.attn(self.embed(x), keep)
        h = h + self.ff(h)
        w = (h @ self.query).masked_fill(~keep, float("-inf")).softmax(-1)
        return self.out((w.unsqueeze(-1) * h).sum(1))


x_train, y_train = shift_log(4000)
x_test, y_test = shift_log(800)
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=4 * len(loader))

for epoch in range(4):
    net.train()
    total = 0.0
    for x, y in loader:
        loss = F.cross_entropy(net(x), y, label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        z = net(x_test)
    print(f"epoch {epoch}: smoothed train loss {total / len(loader):.3f}   test loss {F.cross_entropy(z, y_test):.3f}"
          f"   test accuracy {(z.argmax(1) == y_test).float().mean():.3f}")
