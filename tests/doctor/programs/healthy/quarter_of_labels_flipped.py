"""A quarter of the labels come from careless clicks; the bound of about three quarters is reached and no more."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(2)
torch.manual_seed(2)
yes, no = [f"y{i}" for i in range(15)], [f"n{i}" for i in range(15)]
plain = [f"p{i}" for i in range(30)]
ids = {w: i + 1 for i, w in enumerate(yes + no + plain)}


def click():
    y = random.randint(0, 1)
    t = random.choices(plain, k=random.randint(4, 9)) + random.sample(yes if y else no, 2)
    random.shuffle(t)
    return torch.tensor([ids[w] for w in t]), float(y if random.random() > 0.25 else 1 - y)


rows = [click() for _ in range(3000)]
x = nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True)
y = torch.tensor([v for _, v in rows])
emb, lin = nn.Embedding(len(ids) + 1, 12, padding_idx=0), nn.Linear(12, 1)


def score(x):
    return lin(emb(x).sum(1) / (x > 0).sum(1, keepdim=True)).squeeze(1)


opt = torch.optim.Adam([*emb.parameters(), *lin.parameters()], lr=5e-3, weight_decay=1e-4)
for epoch in range(6):
    for b in torch.randperm(2400).split(60):
        loss = F.binary_cross_entropy_with_logits(score(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = score(x[2400:])
    print(f"epoch {epoch} loss {loss.item():.3f} test loss {F.binary_cross_entropy_with_logits(p, y[2400:]):.3f} agreement {((p > 0) == (y[2400:] > 0.5)).float().mean():.3f}")
