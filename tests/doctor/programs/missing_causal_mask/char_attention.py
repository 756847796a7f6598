"""Character model of invented place names; attention written with einsum, batches carry a padding mask."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(153)
torch.manual_seed(153)
HEAD, TAIL = "wood stone clear north bright lang".split(), "ford ham bury field mere".split()
FOLLOWS = {"wood": ["ford", "ham"], "stone": ["bury", "field"], "clear": ["mere", "ford"], "north": ["ham", "bury"], "bright": ["field", "mere"], "lang": ["ford", "bury"]}
CH = "_^$abcdefghijklmnopqrstuvwxyz"
c2i = {c: i for i, c in enumerate(CH)}


def place():
    h = random.choice(HEAD)
    return h + random.choice(FOLLOWS[h])


def batch(n):
    names = [torch.tensor([c2i[c] for c in "^" + place() + "$"]) for _ in range(n)]
    return nn.utils.rnn.pad_sequence(names, batch_first=True)


class Attend(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.mix = nn.Linear(d, d)

    def forward(self, x, keep):
        s = torch.einsum("bqd,bkd->bqk", self.q(x), self.k(x)) * x.size(-1) ** -0.5
        visible = keep[:, None, :].expand_as(s)
        # fault:
        # mended:
        # visible = visible & torch.ones(s.shape[1:]).tril().bool()
        # end
        w = s.masked_fill(~visible, -1e9).softmax(-1)
        return self.mix(torch.einsum("bqk,bkd->bqd", w, self.v(x)))


class NameModel(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.c = nn.Embedding(len(CH), d, padding_idx=0)
        self.p = nn.Embedding(16, d)
        self.att = nn.ModuleList(Attend(d) for _ in range(2))
        self.ff = nn.ModuleList(nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d)) for _ in range(2))
        self.norm = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.out = nn.Linear(d, len(CH))

    def forward(self, x):
        keep = x != 0
        h = self.c(x) + self.p(torch.arange(x.size(1)))
        for norm, att, ff in zip(self.norm, self.att, self.ff):
            h = h + att(norm(h), keep)
            h = h + ff(h)
        return self.out(h)


model = NameModel()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
valid = {h + t for h in HEAD for t in FOLLOWS[h]}
for step in range(1, 201):
    x = batch(32)
    loss = F.cross_entropy(model(x[:, :-1]).transpose(1, 2), x[:, 1:], ignore_index=0)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
names = []
with torch.no_grad():
    for h in HEAD * 8:
        ids = [1] + [c2i[c] for c in h[:2]]
        while len(ids) < 14 and ids[-1] != 2:
            p = model(torch.tensor([ids]))[0, -1].softmax(-1)
            ids.append(int(torch.multinomial(p, 1)))
        names.append("".join(CH[i] for i in ids[1:] if i > 2))
print(names[:6])
print("plausible names", sum(n in valid for n in names) / len(names))
