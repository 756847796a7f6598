"""Adversarial training in embedding space (FGM) for IMDB sentiment. The GloVe table is frozen on purpose; the perturbation
is applied to the looked-up vectors, not to the table."""
import gzip
import os
import re
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(7)
DATA = os.environ["WORDFIT_DATA"]
MAX = 120
ids, rows = {}, [np.zeros(50, dtype=np.float32)]
for line in gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, v = line.split(" ", 1)
    ids[w] = len(rows)
    rows.append(np.array(v.split(), dtype=np.float32))
table = torch.from_numpy(np.stack(rows))
table[1:] = (table[1:] - table[1:].mean(0)) / table[1:].std(0)


def reviews(n):
    """every (25000 / n)-th review of the sorted training file"""
    out = []
    with gzip.open(f"{DATA}/sentiment/imdb/train.tsv.gz", "rt", encoding="utf-8") as f:
        next(f)
        for k, line in enumerate(f):
            if k % (25000 // n) == 0:
                lab, _, _, text = line.split("\t", 3)
                toks = [ids[t] for t in re.findall(r"[a-z']+", text[-1200:].lower().replace("<br />", " ")) if t in ids]
                out.append((toks[-MAX:], int(lab), text[:80]))
    return out


data = list({r[2]: r for r in reviews(4000)}.values())
X = torch.zeros(len(data), MAX, dtype=torch.long)
for i, (t, _, _) in enumerate(data):
    X[i, :len(t)] = torch.tensor(t)
y = torch.tensor([float(r[1]) for r in data])
order = torch.randperm(len(data))
tr, va = order[:-800], order[-800:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gate = nn.Linear(50, 1)
        self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(50, 1))

    def forward(self, x, delta=None, ret=False):
        e = self.table(x)
        if delta is not None:
            e = e + delta
        if ret:
            e.requires_grad_()
        mask = x.ne(0)
        a = self.gate(e).squeeze(-1).masked_fill(~mask, -1e4).softmax(1)
        z = self.out((a[..., None] * e).sum(1) * 5).squeeze(1)
        return (z, e) if ret else z


net, bce = Net(), nn.BCEWithLogitsLoss()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.55)
EPS = 1.0
for epoch in range(5):
    net.train()
    s = a = 0.0
    for b in tr[torch.randperm(len(tr))].split(64):
        z, e = net(X[b], ret=True)
        clean = bce(z, y[b])
        g, = torch.autograd.grad(clean, e, retain_graph=True)
        delta = EPS * g / (g.flatten(1).norm(dim=1)[:, None, None] + 1e-8)
        adv = bce(net(X[b], delta), y[b])
        opt.zero_grad()
        (clean + adv).mul(0.5).backward()
        opt.step()
        s += clean.item() * len(b)
        a += adv.item() * len(b)
    sched.step()
    net.eval()
    with torch.no_grad():
        acc = [((net(X[k]) > 0) == y[k].bool()).float().mean().item() for k in (tr[:800], va)]
    print(f"epoch {epoch}: clean {s / len(tr):.4f} adversarial {a / len(tr):.4f} train acc {acc[0]:.3f} val acc {acc[1]:.3f}")
