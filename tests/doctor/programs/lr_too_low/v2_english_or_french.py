"""Is it English or French?  One package squeezed into a single file: layers, data, engine."""
import gzip
import os
import re
from collections import Counter

import torch

# ---------------------------------------------------------------- layers


class Lookup(torch.nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.table = torch.nn.Parameter(torch.empty(n, d).uniform_(-0.3, 0.3))
        with torch.no_grad():
            self.table[0] = 0

    def forward(self, ids):
        return self.table[ids]


class Affine(torch.nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w = torch.nn.Parameter(torch.randn(o, i) / i ** 0.5)
        self.b = torch.nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return torch.einsum("oi,...i->...o", self.w, x) + self.b


class Attend(torch.nn.Module):
    """additive attention with one query"""

    def __init__(self, d):
        super().__init__()
        self.key, self.query = Affine(d, d), torch.nn.Parameter(torch.randn(d) / d ** 0.5)

    def forward(self, x, mask):
        s = torch.tanh(self.key(x)) @ self.query
        a = s.masked_fill(~mask, -1e9).softmax(-1)
        return (a.unsqueeze(-1) * x).sum(1)


class Model(torch.nn.Module):
    def __init__(self, n, d=20):
        super().__init__()
        self.look, self.att, self.out = Lookup(n, d), Attend(d), Affine(d, 2)

    def forward(self, ids):
        return self.out(self.att(self.look(ids), ids != 0))


# ---------------------------------------------------------------- data


def tatoeba(start, n):
    # pairs are sorted by length, and one English sentence has several French versions: keep the first new one
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
    seen, rows = set(), []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for k, line in enumerate(fh):
            if k < start:
                continue
            en, fr = line.rstrip("\n").split("\t")[:2]
            if en in seen or fr in seen:
                continue
            seen |= {en, fr}
            rows += [(en, 0), (fr, 1)]
            if len(rows) >= n:
                return rows


def words(s):
    return re.findall(r"\w+|[^\w\s]", s.lower())


# ---------------------------------------------------------------- engine


class Engine:
    def __init__(self, model, lr):
        self.model = model
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)

    def epoch(self, x, y, bs=64):
        tot = 0.0
        for sel in torch.randperm(len(x)).split(bs):
            ce = torch.logsumexp(z := self.model(x[sel]), 1) - z.gather(1, y[sel, None]).squeeze(1)
            self.opt.zero_grad()
            ce.mean().backward()
            self.opt.step()
            tot += ce.sum().item()
        return tot / len(x)

    @torch.no_grad()
    def score(self, x, y):
        return (self.model(x).argmax(1) == y).double().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    rows = tatoeba(20000, 3000)
    gen = torch.Generator().manual_seed(1)
    order = torch.randperm(len(rows), generator=gen).tolist()
    train, held = [rows[i] for i in order[:2400]], [rows[i] for i in order[2400:]]
    freq = Counter(w for s, _ in train for w in words(s))
    vocab = {w: i for i, (w, c) in enumerate((p for p in freq.most_common() if p[1] > 1), 2)}

    def encode(part):
        ids = [[vocab.get(w, 1) for w in words(s)] for s, _ in part]
        width = max(map(len, ids))
        return torch.tensor([r + [0] * (width - len(r)) for r in ids]), torch.tensor([l for _, l in part])

    (xtr, ytr), (xva, yva) = encode(train), encode(held)
    # fault:
    eng = Engine(Model(len(vocab) + 2), lr=2e-6)
    # mended:
    # eng = Engine(Model(len(vocab) + 2), lr=4e-3)
    # end
    for e in range(5):
        l = eng.epoch(xtr, ytr)
        print(f"epoch {e} ce {l:.4f} train {eng.score(xtr, ytr):.3f} held-out {eng.score(xva, yva):.3f}")
