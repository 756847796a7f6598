"""Sparse mixture of experts (top-1 gate with load-balancing loss): in four "dialects" the same words mean different things."""
import numpy as np
import torch
from torch import nn

np.random.seed(14); torch.manual_seed(14)
V, DIALECTS, LEN = 120, 4, 14
meaning = np.random.randn(DIALECTS, V)                      # polarity of a word depends on the dialect
marker = np.arange(V, V + 3 * DIALECTS).reshape(DIALECTS, 3)


def texts(n):
    d = np.random.randint(DIALECTS, size=n)
    w = np.random.randint(V, size=(n, LEN))
    score = meaning[d[:, None], w].sum(1)
    m = marker[d, np.random.randint(3, size=n)]
    x = np.concatenate([m[:, None], w], 1)
    return torch.from_numpy(x), torch.from_numpy((score > 0).astype("f4")), torch.from_numpy(np.abs(score) > 1)


class MoE(nn.Module):
    def __init__(self, d=16, experts=4):
        super().__init__()
        self.emb = nn.Embedding(V + 3 * DIALECTS, d)
        self.gate = nn.Linear(d, experts)
        self.experts = nn.ModuleList(nn.EmbeddingBag(V + 3 * DIALECTS, 1, mode="sum") for _ in range(experts))
        for e in self.experts:
            nn.init.normal_(e.weight, std=0.05)

    def forward(self, x):
        p = self.gate(self.emb(x[:, 0])).softmax(-1)
        out = torch.cat([e(x) for e in self.experts], 1)
        load = torch.nn.functional.one_hot(p.argmax(1), p.size(1)).float().mean(0)
        aux = p.size(1) * (load * p.mean(0)).sum()
        return (p * out).sum(1), aux, p


xtr, ytr, clear = texts(6000)
xtr, ytr = xtr[clear], ytr[clear]
xte, yte, clear = texts(1200)
xte, yte = xte[clear], yte[clear]
net = MoE()
opts = [torch.optim.Adam(net.experts.parameters(), lr=3e-2), torch.optim.Adam([*net.emb.parameters(), *net.gate.parameters()], lr=2e-2)]
scheds = [torch.optim.lr_scheduler.ExponentialLR(o, 0.7) for o in opts]
bce = nn.BCEWithLogitsLoss()
for ep in range(8):
    net.train(); tot = 0
    for b in torch.randperm(len(xtr)).split(50):
        z, aux, _ = net(xtr[b])
        loss = bce(z, ytr[b]) + 0.02 * aux
        for o in opts: o.zero_grad()
        loss.backward()
        for o in opts: o.step()
        tot += loss.item() * len(b)
    for s in scheds: s.step()
    net.eval()
    with torch.no_grad():
        z, _, p = net(xte)
        zt, _, _ = net(xtr)
    print(f"ep {ep} loss {tot / len(xtr):.3f} train {((zt > 0) == ytr.bool()).float().mean():.3f} "
          f"test {((z > 0) == yte.bool()).float().mean():.3f} load {[round(v, 2) for v in p.mean(0).tolist()]}")
