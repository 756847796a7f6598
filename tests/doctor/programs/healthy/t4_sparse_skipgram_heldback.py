"""Skip-gram with negative sampling and sparse updates on a synthetic corpus of scripts (restaurant, airport, ...).

Intrinsic metric: share of the five nearest neighbours that belong to the same script. Also the loss on held-out text.
"""
import random
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    scripts: int = 10
    events: int = 24
    common: int = 30
    lines: int = 2400
    window: int = 3
    negatives: int = 6
    dim: int = 24
    lr: float = 0.02
    batch: int = 512
    epochs: int = 3
    seed: int = 9


def make_corpus(c, rng):
    words = [f"s{k}_{i}" for k in range(c.scripts) for i in range(c.events)] + [f"c{i}" for i in range(c.common)]
    zipf = [1 / (1 + i) ** 0.5 for i in range(c.events)]
    corpus = set()
    while len(corpus) < c.lines:
        k = rng.randrange(c.scripts)
        line = []
        for _ in range(12):
            if rng.random() < 0.3:
                line.append(c.scripts * c.events + rng.randrange(c.common))
            else:
                script = k if rng.random() < 0.92 else rng.randrange(c.scripts)
                line.append(script * c.events + rng.choices(range(c.events), zipf)[0])
        corpus.add(tuple(line))
    corpus = sorted(corpus)
    rng.shuffle(corpus)
    return words, corpus


def pairs(lines, window, keep, rng):
    out = []
    for line in lines:
        kept = [w for w in line if rng.random() < keep[w]]
        for i, w in enumerate(kept):
            out += [(w, v) for v in kept[max(0, i - window):i] + kept[i + 1:i + 1 + window]]
    return torch.tensor(out)


class SkipGram(nn.Module):
    def __init__(self, n, dim, noise, negatives):
        super().__init__()
        self.inp = nn.Embedding(n, dim, sparse=True)
        self.ctx = nn.Embedding(n, dim, sparse=True)
        nn.init.uniform_(self.inp.weight, -0.5 / dim, 0.5 / dim)
        nn.init.zeros_(self.ctx.weight)
        self.register_buffer("noise", noise)
        self.negatives = negatives

    def forward(self, w, v):
        neg = torch.multinomial(self.noise, len(w) * self.negatives, replacement=True).view(len(w), -1)
        x = self.inp(w)
        pos = F.logsigmoid((x * self.ctx(v)).sum(-1))
        contrast = F.logsigmoid(-(self.ctx(neg) @ x.unsqueeze(-1)).squeeze(-1)).sum(-1)
        return -(pos + contrast).mean()


def neighbour_purity(model, c, k=5):
    e = F.normalize(model.inp.weight.detach()[:c.scripts * c.events], dim=1)
    sim = e @ e.T
    sim.fill_diagonal_(-2)
    near = sim.topk(k, dim=1).indices // c.events
    own = torch.arange(len(e)).unsqueeze(1) // c.events
    return (near == own).float().mean().item()


def main(c):
    rng = random.Random(c.seed)
    torch.manual_seed(c.seed)
    words, corpus = make_corpus(c, rng)
    held, text = corpus[:200], corpus[200:]
    freq = Counter(w for l in text for w in l)
    total = sum(freq.values())
    counts = torch.tensor([float(freq[i]) for i in range(len(words))])
    keep = [min(1.0, (0.004 * total / max(freq[i], 1)) ** 0.5) for i in range(len(words))]
    model = SkipGram(len(words), c.dim, counts ** 0.75, c.negatives)
    opt = torch.optim.SparseAdam(list(model.parameters()), lr=c.lr)
    test_pairs = pairs(held, c.window, keep, rng)
    print(f"{len(words)} words, {total} tokens, purity of random neighbours {1 / c.scripts:.2f}")
    steps = 0
    for epoch in range(1, c.epochs + 1):
        model.train()
        data = pairs(text, c.window, keep, rng)
        data = data[torch.randperm(len(data))]
        run = 0.0
        for part in data.split(c.batch):
            for g in opt.param_groups:
                g["lr"] = c.lr * max(0.05, 1 - steps / (c.epochs * len(data) / c.batch))
            opt.zero_grad()
            loss = model(part[:, 0], part[:, 1])
            loss.backward()
            opt.step()
            run += loss.item() * len(part)
            steps += 1
        model.eval()
        with torch.no_grad():
            test = model(test_pairs[:, 0], test_pairs[:, 1]).item()
        print(f"epoch {epoch}: loss {run / len(data):.3f}  held-out {test:.3f}  purity@5 {neighbour_purity(model, c):.3f}")


if __name__ == "__main__":
    main(Config())
