"""Which language is this tweet in? Hashed character trigrams, summed and scaled by hand; Lion written out."""
import os, zlib
from pathlib import Path
import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

BUCKETS, DIM = 1 << 13, 16
ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"


class Lion(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99), wd=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, wd=wd))

    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if not st:
                    st["m"] = torch.zeros_like(p)
                m = st["m"]
                p.mul_(1 - g["lr"] * g["wd"])
                p.add_(torch.sign(m * b1 + p.grad * (1 - b1)), alpha=-g["lr"])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


def grams(text):
    raw = (" " + " ".join(w for w in text.split() if w not in ("@user", "http")) + " ").lower()
    return [1 + zlib.crc32(raw[i:i + 3].encode()) % (BUCKETS - 1) for i in range(len(raw) - 2)][:120]


def read(split, per_language, skip=()):
    xs, ys, texts = [], [], set()
    for k, lang in enumerate(LANGS):
        n = 0
        for line in (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf-8").split("\n"):
            g = grams(line)
            if len(g) < 12 or line in texts or line in skip:
                continue
            texts.add(line)
            xs.append(g); ys.append(k); n += 1
            if n == per_language:
                break
    X = np.zeros((len(xs), 120), dtype=np.int64)
    for row, g in zip(X, xs):
        row[:len(g)] = g
    return torch.from_numpy(X), torch.tensor(ys), texts


torch.manual_seed(0)
LANGS = sorted(p.name for p in ROOT.iterdir() if p.is_dir())
Xtr, ytr, known = read("train", 700)
Xva, yva, _ = read("val", 250, skip=known)


class BagOfGrams(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(BUCKETS, DIM, padding_idx=0)
        self.head = nn.Linear(DIM, len(LANGS))

    def forward(self, ids):
        n = (ids != 0).sum(1, keepdim=True)
        return self.head(self.table(ids).sum(1) / n.sqrt())


model = BagOfGrams()
EPOCHS = 4
opt = Lion(model.parameters(), lr=4e-3, wd=1.0)
for epoch in range(EPOCHS):
    for group in opt.param_groups:
        group["lr"] = 4e-3 * 0.5 ** epoch
    total = 0.0
    perm = torch.randperm(len(Xtr))
    for idx in perm.split(64):
        loss = nn.functional.cross_entropy(model(Xtr[idx]), ytr[idx])
        model.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        tr = (model(Xtr).argmax(1) == ytr).float().mean()
        out = model(Xva)
        va = (out.argmax(1) == yva).float().mean()
        vl = nn.functional.cross_entropy(out, yva)
    print(f"[{epoch}] loss {total / len(Xtr):.4f} train acc {tr:.4f} | val loss {vl:.4f} val acc {va:.4f}")
conf = torch.zeros(len(LANGS), len(LANGS), dtype=torch.long)
conf.index_put_((yva, out.argmax(1)), torch.ones(len(yva), dtype=torch.long), accumulate=True)
for l, r in zip(LANGS, conf.tolist()):
    print(f"{l:>11s}", r)
