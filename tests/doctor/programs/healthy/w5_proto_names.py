"""Prototypical networks: tell languages of made-up names apart from five examples each; test languages are new ones."""
import numpy as np
import torch
from torch import nn

R = np.random.default_rng(101)
torch.manual_seed(101)
ALPHA = 8
WAY, SHOT, QUERY = 5, 5, 8


class Language:
    def __init__(self, n=30):
        logits = R.normal(size=(ALPHA, ALPHA)) * 1.5
        self.P = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        self.P = self.P.cumsum(1)
        self.names = np.stack([self.make() for _ in range(n)])

    def make(self, length=14):
        c = [R.integers(ALPHA)]
        while len(c) < length:
            c.append(min(int(np.searchsorted(self.P[c[-1]], R.random())), ALPHA - 1))
        return np.array(c)


class Encoder(nn.Module):
    """pairs of neighbouring letters -> metric space; all names have fourteen letters, so there's nothing to pad"""

    def __init__(self, d=24):
        super().__init__()
        self.pair = nn.Embedding(ALPHA * ALPHA, d)
        self.norm = nn.LayerNorm(d)
        self.proj = nn.Linear(d, d, bias=False)

    def forward(self, names):
        return self.proj(self.norm(self.pair(names[..., :-1] * ALPHA + names[..., 1:]).sum(-2)))


def episode(langs):
    pick = R.choice(len(langs), WAY, replace=False)
    rows = [langs[k].names[R.choice(30, SHOT + QUERY, replace=False)] for k in pick]
    t = torch.from_numpy(np.stack(rows))
    return t[:, :SHOT], t[:, SHOT:]


def distances(enc, support, query):
    proto = enc(support).mean(1)                         # (way, d)
    q = enc(query).flatten(0, 1)                         # (way * query, d)
    return (q[:, None] - proto).pow(2).mean(-1) * 4.


TARGET = torch.arange(WAY).repeat_interleave(QUERY)


def trial(enc, langs, n=60):
    enc.eval()
    with torch.no_grad():
        hits = [(distances(enc, *episode(langs)).argmin(1) == TARGET).float().mean().item() for _ in range(n)]
    enc.train()
    return np.mean(hits), 1.96 * np.std(hits) / n ** .5


languages = [Language() for _ in range(240)]
seen, unseen = languages[:200], languages[200:]
enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
print("untrained: unseen %.3f" % trial(enc, unseen)[0])
for it in range(1, 401):
    loss = nn.functional.cross_entropy(-distances(enc, *episode(seen)), TARGET)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it in (240, 340):
        for g in opt.param_groups: g["lr"] *= .3
    if it % 100 == 0:
        a, b = trial(enc, seen), trial(enc, unseen)
        print(f"episode {it}: loss {loss.item():.3f}  seen languages {a[0]:.3f}  unseen languages {b[0]:.3f} +- {b[1]:.3f} (chance {1 / WAY})")
