"""Spelling correction as nearest neighbour search: typo and dictionary word go through the SAME character encoder.

Additive-margin softmax over the dictionary; dictionary words are encoded anew in every step.
"""
import random
import string

import torch
from torch import nn
from torch.nn import functional as F

LEXICON = """about above across action advice afraid animal answer appear arrive autumn basket beauty become before behind
believe better bottle bottom bridge bright broken budget butter camera candle castle change choice circle clever coffee
colour common copper corner cotton country cousin damage danger daughter decide defend degree dinner doctor double during
eager early easily effort eleven engine enough escape evening expect factor family famous father feather figure finger
follow forest forget friend future garden gentle ginger global golden ground growth guitar happen harbor health heaven
hidden history honest hunger impact income inside island jacket journey jungle kitchen ladder language leader lesson letter
liquid listen little market master meadow memory middle minute mirror modern moment mother mountain museum nation nature
needle number object office orange parent pencil people person picture planet pocket poetry police prison public purple
question quiet rabbit reason record region remember report result return river rocket school season second secret shadow
silver simple sister spirit spring stable station strange street strong student summer supper surface table theatre thunder
ticket travel trouble tunnel uncle useful valley velvet village violin vision visitor wagon weather window winter wonder""".split()
ALPHA = string.ascii_lowercase
MAXLEN = 12


def misspell(w, rng):
    for _ in range(rng.choice([1, 1, 2])):
        i = rng.randrange(len(w))
        kind = rng.randrange(4)
        if kind == 0:
            w = w[:i] + rng.choice(ALPHA) + w[i + 1:]
        elif kind == 1 and len(w) > 4:
            w = w[:i] + w[i + 1:]
        elif kind == 2:
            w = w[:i] + rng.choice(ALPHA) + w[i:]
        elif i + 1 < len(w):
            w = w[:i] + w[i + 1] + w[i] + w[i + 2:]
    return w[:MAXLEN]


def tensorize(ws):
    t = torch.zeros(len(ws), MAXLEN, dtype=torch.long)
    for r, w in enumerate(ws):
        t[r, :len(w)] = torch.tensor([ALPHA.index(c) + 1 for c in w])
    return t


class CharEncoder(nn.Module):
    def __init__(self, dim=24, ch=64, out=64):
        super().__init__()
        self.emb = nn.Embedding(27, dim, padding_idx=0)
        self.conv = nn.ModuleList([nn.Conv1d(dim, ch, k, padding=k - 1) for k in (2, 3)])
        self.proj = nn.Linear(2 * ch, out)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        pooled = []
        for conv in self.conv:
            h = conv(e)
            pos = torch.arange(h.size(2))
            # the window may hang over the end of the word by k-1 letters, not more
            live = pos[None] < (x > 0).sum(1, keepdim=True) + conv.kernel_size[0] - 1
            pooled.append(h.masked_fill(~live[:, None], -1e4).max(2).values)
        return F.normalize(self.proj(torch.relu(torch.cat(pooled, 1))), dim=1)


def main():
    rng = random.Random(99)
    torch.manual_seed(99)
    dictionary = tensorize(LEXICON)
    known = set(LEXICON)
    test = []
    while len(test) < 600:
        k = rng.randrange(len(LEXICON))
        w = misspell(LEXICON[k], rng)
        if w not in known:
            test.append((w, k))
    unseen = {w for w, _ in test}
    enc = CharEncoder()
    opt = torch.optim.Adam(enc.parameters(), lr=4e-3, betas=(0.9, 0.99))
    scale, margin = 16.0, 0.1
    for rnd in range(1, 5):
        run = n = 0
        for g in opt.param_groups:
            g["lr"] = 4e-3 * (5 - rnd) / 4
        for _ in range(40):
            ks = [rng.randrange(len(LEXICON)) for _ in range(64)]
            typos = [(misspell(LEXICON[k], rng), k) for k in ks]
            typos = [(w, k) for w, k in typos if w not in unseen]
            y = torch.tensor([k for _, k in typos])
            cos = enc(tensorize([w for w, _ in typos])) @ enc(dictionary).t()
            loss = F.cross_entropy(scale * (cos - margin * F.one_hot(y, len(LEXICON))), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item(); n += 1
        enc.eval()
        with torch.no_grad():
            sim = enc(tensorize([w for w, _ in test])) @ enc(dictionary).t()
            top = sim.topk(3, 1).indices
            gold = torch.tensor([k for _, k in test])[:, None]
        enc.train()
        print(f"round {rnd}: loss {run / n:.3f}, corrected {(top[:, :1] == gold).float().mean():.3f}, "
              f"in the first three {(top == gold).any(1).float().mean():.3f}")
    for (w, k), t in list(zip(test, top))[:4]:
        print(f"  {w} -> {', '.join(LEXICON[i] for i in t)}   ({LEXICON[k]})")


if __name__ == "__main__":
    main()
