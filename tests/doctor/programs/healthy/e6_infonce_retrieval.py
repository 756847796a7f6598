"""Caption retrieval across languages: English/German word-bag encoders, symmetric InfoNCE with a learned temperature."""
import gzip, os, re
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
HERE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")


def lines(split, lang, n):
    with gzip.open(f"{HERE}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", l.lower()) for _, l in zip(range(n), f)]


class Side:
    def __init__(self, sents, min_count=10):
        c = Counter(w for s in sents for w in s)
        self.index = {w: i + 1 for i, (w, k) in enumerate(c.most_common()) if k >= min_count}
        n = len(sents)
        df = Counter(w for s in sents for w in set(s))
        self.idf = torch.zeros(len(self.index) + 1)
        for w, i in self.index.items():
            self.idf[i] = float(np.log(n / df[w]))

    def encode(self, sents, width=24):
        out = torch.zeros(len(sents), width, dtype=torch.long)
        for r, s in enumerate(sents):
            ids = [self.index[w] for w in s if w in self.index][:width]
            out[r, :len(ids)] = torch.tensor(ids, dtype=torch.long)
        return out


N = 12000
en, de = lines("train", "en", N), lines("train", "de", N)
ven, vde = lines("val", "en", 300), lines("val", "de", 300)
S, T = Side(en), Side(de)
E, G, VE, VG = S.encode(en), T.encode(de), S.encode(ven), T.encode(vde)


class BagEncoder(nn.Module):
    def __init__(self, side, dim):
        super().__init__()
        self.table = nn.Embedding(len(side.idf), dim, padding_idx=0)
        self.register_buffer("idf", side.idf)

    def forward(self, ids):
        if self.training:                      # word dropout
            ids = ids * (torch.rand(ids.shape) > 0.4)
        w = self.idf[ids].unsqueeze(-1)
        return F.normalize((w * self.table(ids)).sum(1), dim=-1, eps=1e-6)


class Dual(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.en, self.de = BagEncoder(S, dim), BagEncoder(T, dim)
        self.log_scale = nn.Parameter(torch.tensor(2.3))

    def forward(self, a, b):
        return self.log_scale.exp().clamp(max=50) * self.en(a) @ self.de(b).t()


def recall(model, a, b, k=1):
    model.eval()
    with torch.no_grad():
        sim = model(a, b)
    model.train()
    gold = torch.arange(len(a)).unsqueeze(1)
    return (sim.topk(k, 1).indices == gold).any(1).float().mean().item()


model = Dual()
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
for epoch in range(6):
    losses = []
    for idx in torch.randperm(N).split(128):
        z = model(E[idx], G[idx])
        y = torch.arange(len(idx))
        loss = (F.cross_entropy(z, y) + F.cross_entropy(z.t(), y)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch %d loss %.3f  R@1 train part %.3f  R@1 val %.3f  R@5 val %.3f" % (
        epoch, np.mean(losses), recall(model, E[:300], G[:300]), recall(model, VE, VG), recall(model, VE, VG, 5)))
print("chance R@1 %.4f" % (1 / len(VE)))
