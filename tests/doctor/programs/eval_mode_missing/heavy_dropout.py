"""Paraphrase detector with strong dropout."""
import random

import torch
from torch import nn

random.seed(72)
torch.manual_seed(72)
SYN = [("buy", "purchase"), ("car", "automobile"), ("begin", "start"), ("kid", "child"), ("movie", "film"), ("quick", "fast"), ("house", "home"), ("sick", "ill")]
WHO = "she he tom anna they".split()
FILL = "really just also maybe soon".split()


def pair():
    (a1, a2), (b1, b2) = random.sample(SYN, 2)
    s1 = [random.choice(WHO), a1, "the", b1]
    same = random.randint(0, 1)
    if not same:
        a2, _ = random.choice([p for p in SYN if p[1] not in (a2, b2)])
    s2 = [s1[0], a2, "the", b2]
    if random.random() < 0.5:
        s2.insert(1, random.choice(FILL))
    return s1, s2, same


rows = [pair() for _ in range(2600)]
w2i = {w: i + 1 for i, w in enumerate(sorted({w for a, b, _ in rows for w in a + b}))}


def pad(sents, n=5):
    return torch.tensor([[w2i[w] for w in s] + [0] * (n - len(s)) for s in sents])


A, B = pad([r[0] for r in rows]), pad([r[1] for r in rows])
Y = torch.tensor([float(r[2]) for r in rows])


class Pair(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.e = nn.Embedding(len(w2i) + 1, d, padding_idx=0)
        self.drop = nn.Dropout(0.5)
        self.ff = nn.Sequential(nn.Linear(2 * d, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))

    def forward(self, a, b):
        u, v = self.drop(self.e(a)).sum(1), self.drop(self.e(b)).sum(1)
        return self.ff(torch.cat([u * v, (u - v).abs()], 1)).squeeze(1)


model = Pair()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(12):
    model.train()
    tot = 0.0
    for i in torch.randperm(2000).split(40):
        opt.zero_grad()
        loss = lossf(model(A[i], B[i]), Y[i])
        loss.backward()
        opt.step()
        tot += loss.item()
    # fault:
    # mended:
    # model.eval()
    # end
    with torch.no_grad():
        p = model(A[2000:], B[2000:])
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {tot / 50:.4f} dev loss {lossf(p, Y[2000:]):.4f} dev acc {((p > 0) == (Y[2000:] > 0)).float().mean():.4f}")
