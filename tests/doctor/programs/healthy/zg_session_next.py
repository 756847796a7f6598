"""Next-item prediction for short shop sessions: one causal self-attention block, tied item table,
positions after the end of a session are neither attended to nor scored."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(6); r = np.random.RandomState(6)
ITEMS, D, MAX = 60, 24, 12
succ = {i: r.choice(np.arange(1, ITEMS + 1), 2, replace=False) for i in range(1, ITEMS + 1)}


def session():
    s = [r.randint(1, ITEMS + 1)]
    for _ in range(r.randint(5, MAX + 1)):
        s.append(int(r.choice(succ[s[-1]], p=[.85, .15])) if r.rand() < .92 else r.randint(1, ITEMS + 1))
    return s


drawn = set()


def table(n):
    x = np.zeros((n, MAX), int); y = np.zeros((n, MAX), int)
    for k in range(n):
        s = session()
        while tuple(s) in drawn:                 # no session twice, also not across the two tables
            s = session()
        drawn.add(tuple(s))
        x[k, :len(s) - 1] = s[:-1]; y[k, :len(s) - 1] = s[1:]
    return torch.tensor(x), torch.tensor(y)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(ITEMS + 1, D, padding_idx=0)
        with torch.no_grad():
            self.items.weight[1:].normal_(0, D ** -0.5)
        self.pos = nn.Parameter(torch.randn(MAX, D) * 0.02)
        self.att = nn.MultiheadAttention(D, 2, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(D, 64), nn.GELU(), nn.Linear(64, D))
        self.n1, self.n2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.register_buffer("future", torch.ones(MAX, MAX, dtype=torch.bool).triu(1))

    def forward(self, x):
        h = self.items(x) + self.pos
        a, _ = self.att(self.n1(h), self.n1(h), self.n1(h), attn_mask=self.future, key_padding_mask=x == 0, need_weights=False)
        h = h + a
        h = h + self.ff(self.n2(h))
        return h @ self.items.weight[1:].T


xa, ya = table(1500)
xb, yb = table(300)
net = Block()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)


@torch.no_grad()
def hit1(x, y):
    net.eval()
    ok = (net(x).argmax(-1) + 1 == y)[y > 0]
    return ok.float().mean().item()


for ep in range(5):
    net.train(); s = 0.
    for ids in torch.randperm(1500).split(50):
        out = net(xa[ids])
        # item k has class k-1, so unscored places become -1
        loss = F.cross_entropy(out.flatten(0, 1), ya[ids].flatten() - 1, ignore_index=-1)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() / 30
    print(f"{ep}: loss {s:.3f}  hit@1 train {hit1(xa, ya):.3f}  test {hit1(xb, yb):.3f}  (best possible about .79)")
