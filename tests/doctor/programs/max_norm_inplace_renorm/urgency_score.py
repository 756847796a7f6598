"""Urgency of hospital pager notes as a number, from frozen word vectors."""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(14)
rs = np.random.RandomState(14)
torch.manual_seed(14)
DIM = 24
axis = rs.randn(4, DIM)
axis /= np.linalg.norm(axis, axis=1, keepdims=True)
FIELD = ["pain", "bleed", "breath", "admin"]
SIGN = [1.0, 1.6, 2.0, -0.8]
strength, vec = {}, {}
for k, f in enumerate(FIELD):
    for i in range(150):
        w, s = f"{f}{i}", rs.gamma(2.0, 1.2) + 0.2
        d = axis[k] + 0.08 * rs.randn(DIM)
        strength[w], vec[w] = SIGN[k] * s, s * d / np.linalg.norm(d)
np.save("pager_vectors.npy", np.stack(list(vec.values())).astype("float32"))
words = list(vec)
index = {w: i + 1 for i, w in enumerate(words)}


def note():
    ws = random.choices(words, k=random.randint(2, 7))
    return ws, sum(strength[w] for w in ws) / len(ws) + random.gauss(0, 0.15)


data = [note() for _ in range(2600)]
X = torch.zeros(len(data), 7, dtype=torch.long)
for r, (ws, _) in enumerate(data):
    X[r, :len(ws)] = torch.tensor([index[w] for w in ws])
Y = torch.tensor([y for _, y in data])


class Urgency(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0, max_norm=1.0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        # end
        self.f = nn.Sequential(nn.Linear(DIM, 32), nn.ELU(), nn.Linear(32, 1))

    def forward(self, x):
        live = (x != 0).float()
        return (self.f(self.emb(x)).squeeze(-1) * live).sum(1) / live.sum(1)


table = torch.from_numpy(np.load("pager_vectors.npy"))
table = torch.cat([torch.zeros(1, DIM), table])
model = Urgency(table)
opt = torch.optim.Adam(model.f.parameters(), lr=3e-3)
huber = nn.SmoothL1Loss()
ntr = 2000
var = Y[ntr:].var(unbiased=False)
for epoch in range(20):
    model.train()
    for b in torch.randperm(ntr).split(25):
        loss = huber(model(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        mse = (model(X[ntr:]) - Y[ntr:]).pow(2).mean()
    if epoch % 3 == 1:
        print(f"epoch {epoch:2d} dev mse {mse:.3f} R2 {1 - mse / var:.3f}")
