"""Neural n-gram model over letters of Brown words; input and output share one table."""
import collections
import gzip
import math
import os
import re
from pathlib import Path

import torch
import torch.nn.functional as F

SRC = Path(os.environ["WORDFIT_DATA"]) / "corpora" / "brown.txt.gz"
ALPHABET = "^abcdefghijklmnopqrstuvwxyz$"
N = 3
torch.manual_seed(33)


def word_list(n):
    count = collections.Counter()
    with gzip.open(SRC, "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            count.update(re.findall(r"\b[a-z]{4,12}\b", line.lower()))
            if i > 12000:
                break
    return sorted(w for w, c in count.most_common(n))


def windows(words):
    pos = {c: i for i, c in enumerate(ALPHABET)}
    ctx, nxt = [], []
    for w in words:
        s = [0] * N + [pos[c] for c in w] + [pos["$"]]
        for i in range(N, len(s)):
            ctx.append(s[i - N:i])
            nxt.append(s[i])
    return torch.tensor(ctx), torch.tensor(nxt)


class NGram:
    def __init__(self, dim, hidden):
        v = len(ALPHABET)
        self.p = {
            "table": torch.randn(v, dim) * dim ** -0.5,
            "in": torch.randn(N * dim, hidden) * (N * dim) ** -0.5,
            "in_b": torch.zeros(hidden),
            "back": torch.randn(hidden, dim) * hidden ** -0.5,
            "bias": torch.zeros(v),
        }
        for t in self.p.values():
            t.requires_grad_()

    def __call__(self, ctx):
        p = self.p
        x = p["table"][ctx].flatten(1) * 2.0
        h = torch.tanh(x @ p["in"] + p["in_b"])
        return (h @ p["back"]) @ p["table"].t() + p["bias"]

    def parameters(self):
        return list(self.p.values())


def bits(model, ctx, nxt):
    with torch.no_grad():
        return F.cross_entropy(model(ctx), nxt).item() / math.log(2)


def main():
    words = word_list(6000)
    order = torch.randperm(len(words)).tolist()
    held = [words[i] for i in order[:700]]
    fit = [words[i] for i in order[700:]]
    ctx, nxt = windows(fit)
    hctx, hnxt = windows(held)
    freq = torch.bincount(nxt, minlength=len(ALPHABET)).float() + 1
    flat = -(freq / freq.sum()).log2()[hnxt].mean().item()
    print(f"{len(fit)} words, {len(ctx)} letters; letter frequencies alone: {flat:.3f} bits")
    model = NGram(dim=24, hidden=64)
    opt = torch.optim.Adam(model.parameters(), lr=8e-3)
    epochs, size = 9, 256
    total = epochs * math.ceil(len(ctx) / size)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, total)
    for epoch in range(epochs):
        perm = torch.randperm(len(ctx))
        for b in perm.split(size):
            loss = F.cross_entropy(model(ctx[b]), nxt[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
        print(f"epoch {epoch + 1} bits per letter: train {bits(model, ctx, nxt):.3f} held out {bits(model, hctx, hnxt):.3f}")
    with torch.no_grad():
        hit = (model(hctx).argmax(-1) == hnxt).float().mean().item()
    print(f"held out: {bits(model, hctx, hnxt):.3f} bits (frequencies {flat:.3f}), next letter right {hit:.3f}, "
          f"commonest letter {(hnxt == nxt.mode().values).float().mean().item():.3f}")


main()
