"""Coding vs. non-coding stretches from codon usage (UCI style file: class is 1 or 2)."""
import math
import random

import torch
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

BASES = "ACGT"
CODONS = [a + b + c for a in BASES for b in BASES for c in BASES]
CODON_ID = {c: i for i, c in enumerate(CODONS)}


def usage(seed, sharp):
    r = random.Random(seed)
    return [math.exp(sharp * r.gauss(0, 1)) for _ in CODONS]


BACKGROUND = usage(1, 0.5)
GENE = [b * math.exp(0.45 * random.Random(2 + i).gauss(0, 1)) for i, b in enumerate(BACKGROUND)]


def make_line():
    cls = random.choice([1, 2])
    w = GENE if cls == 2 else BACKGROUND
    return f"{cls}," + "".join(random.choices(CODONS, weights=w, k=48))


def parse(lines):
    xs, ys = [], []
    for line in lines:
        cls, seq = line.split(",")
        xs.append([CODON_ID[seq[i:i + 3]] for i in range(0, len(seq), 3)])
        ys.append(int(cls))
    return torch.tensor(xs), torch.tensor(ys)


lines = sorted({make_line() for _ in range(5200)})
random.shuffle(lines)
x_train, y_train = parse(lines[:4000])
x_test, y_test = parse(lines[4000:])

D, H = 16, 32
params = {
    "codon": torch.randn(64, D) * 0.3,
    "w1": torch.randn(D, H) / math.sqrt(D),
    "b1": torch.zeros(H),
    "w2": torch.randn(H) / math.sqrt(H),
    "b2": torch.zeros(()),
}
for p in params.values():
    p.requires_grad_(True)


def score(p, ids):
    e = F.embedding(ids, p["codon"])          # (n, 48, D)
    h = torch.tanh(torch.einsum("ntd,dh->nth", e, p["w1"]) + p["b1"])
    return h.mean(1) @ p["w2"] * 4 + p["b2"]


def objective(p, ids, cls):
    # fault:
    target = cls.float()
    # mended:
    #target = (cls - 1).float()
    # end
    return F.binary_cross_entropy_with_logits(score(p, ids), target)


@torch.no_grad()
def accuracy(p, ids, cls):
    guess = torch.where(score(p, ids) > 0, 2, 1)
    return (guess == cls).float().mean().item()


opt = torch.optim.Adam(list(params.values()), lr=3e-3)
for epoch in range(8):
    order = torch.randperm(len(x_train))
    total = 0.0
    for i in range(0, len(order), 50):
        rows = order[i:i + 50]
        loss = objective(params, x_train[rows], y_train[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    print(f"epoch {epoch}  loss {total / len(order):.4f}  "
          f"train {accuracy(params, x_train, y_train):.3f}  test {accuracy(params, x_test, y_test):.3f}")
