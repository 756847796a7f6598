"""Match German captions to their English translation (Multi30k): two bags of words into one space, in-batch softmax."""
import gzip
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(name, n):
    with gzip.open(os.path.join(root, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", line.lower())[:18] for _, line in zip(range(n), f)]


def vocabulary(texts, least=2):
    c = Counter(w for t in texts for w in t)
    return {w: i for i, w in enumerate([w for w, k in c.most_common() if k >= least], start=1)}


de, en = read("train.de.gz", 9000), read("train.en.gz", 9000)
de_val, en_val = read("val.de.gz", 400), read("val.en.gz", 400)
v_de, v_en = vocabulary(de), vocabulary(en)


def ids(texts, v):
    x = torch.zeros(len(texts), 18, dtype=torch.long)
    for i, t in enumerate(texts):
        k = [v[w] for w in t if w in v]
        x[i, :len(k)] = torch.tensor(k)
    return x


A, B = ids(de, v_de), ids(en, v_en)
a_val, b_val = ids(de_val, v_de), ids(en_val, v_en)


class Side(nn.Module):
    def __init__(self, size, d=64):
        super().__init__()
        self.words = nn.Embedding(size + 1, d, padding_idx=0)
        self.salience = nn.Embedding(size + 1, 1, padding_idx=0)
        nn.init.zeros_(self.salience.weight)
        nn.init.normal_(self.words.weight, std=0.3)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        return (self.words(x) * torch.exp(self.salience(x)) * m).sum(1)


class Matcher(nn.Module):
    def __init__(self):
        super().__init__()
        self.de, self.en = Side(len(v_de)), Side(len(v_en))
        self.proj = nn.Linear(64, 64)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, a, b):
        u = F.normalize(self.proj(self.de(a)), dim=-1)
        v = F.normalize(self.en(b), dim=-1)
        return self.scale.exp() * u @ v.T


net = Matcher()
lookup = [*net.de.parameters(), *net.en.parameters()]
opt_lookup = torch.optim.Adam(lookup, lr=5e-3)
opt_rest = torch.optim.AdamW([*net.proj.parameters(), net.scale], lr=2e-3)


def validate():
    with torch.no_grad():
        s = net(a_val, b_val)
    rank = (s > s.diag().unsqueeze(1)).sum(1) + 1
    return (rank == 1).float().mean().item(), (1 / rank).mean().item(), F.cross_entropy(s, torch.arange(len(s))).item()


for epoch in range(1, 5):
    losses = []
    for b in torch.randperm(len(A)).split(64):
        s = net(A[b], B[b])
        y = torch.arange(len(b))
        loss = (F.cross_entropy(s, y) + F.cross_entropy(s.T, y)) / 2
        # fault:
        opt_rest.zero_grad()
        # mended:
        # opt_rest.zero_grad(); opt_lookup.zero_grad()
        # end
        loss.backward()
        opt_lookup.step()
        opt_rest.step()
        losses.append(loss.item())
    r1, mrr, vl = validate()
    print(f"epoch {epoch}: train {sum(losses) / len(losses):.3f}  val {vl:.3f}  R@1 of 400 {r1:.3f}  MRR {mrr:.3f}")
