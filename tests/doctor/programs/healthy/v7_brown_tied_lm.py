"""Five-word feed-forward language model on Brown, input and output tables tied, a fixed frequent vocabulary."""
import collections
import gzip
import math
import os
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class C:
    sentences: int = 9000
    vocab: int = 400
    order: int = 4
    dim: int = 48
    steps: int = 450
    batch: int = 256
    lr: float = 4e-3


def sentences(c):
    path = os.path.join(os.environ["WORDFIT_DATA"], "corpora/brown.txt.gz")
    seen = set()
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            line = line.strip().lower()
            if line and line not in seen:
                seen.add(line)
                yield line.split()
            if len(seen) == c.sentences:
                return


def windows(sents, ids, c):
    ctx, nxt = [], []
    for s in sents:
        row = [0] * c.order + [ids.get(w, 1) for w in s] + [2]
        for i in range(c.order, len(row)):
            if row[i] != 1:
                ctx.append(row[i - c.order:i])
                nxt.append(row[i])
    return torch.tensor(ctx), torch.tensor(nxt)


class TiedLM:
    def __init__(self, c):
        self.c = c
        n = c.vocab + 3
        self.w = {
            "table": torch.randn(n, c.dim) * 0.1,
            "slot": torch.randn(c.order * c.dim, 2 * c.dim) / math.sqrt(c.order * c.dim),
            "slot_b": torch.zeros(2 * c.dim),
            "back": torch.randn(2 * c.dim, c.dim) / math.sqrt(2 * c.dim),
            "unigram": torch.zeros(n),
        }
        for t in self.w.values():
            t.requires_grad_(True)

    def logits(self, ctx, dropout=0.0):
        w = self.w
        x = w["table"][ctx].flatten(1)
        h = torch.tanh(x @ w["slot"] + w["slot_b"])
        h = F.dropout(h, dropout, training=dropout > 0)
        return (h @ w["back"]) @ w["table"].T + w["unigram"]

    @torch.no_grad()
    def evaluate(self, ctx, nxt):
        z = torch.cat([self.logits(part) for part in ctx.split(4096)])
        return math.exp(F.cross_entropy(z, nxt).item()), (z.argmax(1) == nxt).float().mean().item()


def main():
    torch.manual_seed(1961)
    c = C()
    sents = list(sentences(c))
    held, rest = sents[::12], [s for i, s in enumerate(sents) if i % 12]
    counts = collections.Counter(w for s in rest for w in s)
    ids = {w: i + 3 for i, (w, _) in enumerate(counts.most_common(c.vocab))}
    tx, ty = windows(rest, ids, c)
    vx, vy = windows(held, ids, c)
    freq = torch.bincount(ty, minlength=c.vocab + 3).float() + 0.5
    uni = (freq / freq.sum()).log()
    print(f"{len(ty)} training windows; unigram perplexity {math.exp(-uni[vy].mean().item()):.1f}, "
          f"most frequent word {(vy == uni.argmax()).float().mean().item():.3f}")
    model = TiedLM(c)
    opt = torch.optim.Adam(model.w.values(), lr=c.lr)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, c.lr, total_steps=c.steps)
    for step in range(1, c.steps + 1):
        i = torch.randint(len(ty), (c.batch,))
        loss = F.cross_entropy(model.logits(tx[i], dropout=0.1), ty[i])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(model.w.values()), 1.0)
        opt.step()
        sched.step()
        if step % 90 == 0:
            print("step %d  held-out perplexity %.1f  top-1 %.3f" % (step, *model.evaluate(vx, vy)))
    print("training sample perplexity %.1f top-1 %.3f" % model.evaluate(tx[:15000], ty[:15000]))


main()
