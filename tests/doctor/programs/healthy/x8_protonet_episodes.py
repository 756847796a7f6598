"""Prototypical networks (Snell et al. 2017) on synthetic text classes.
A class is a pair of latent themes; classes of the test episodes never occur in training."""
from itertools import combinations
import random
import torch
import torch.nn as nn

random.seed(7); torch.manual_seed(7)
THEMES, PER = 14, 25
VOCAB = THEMES * PER + 1            # 0 is padding
classes = list(combinations(range(THEMES), 2))
random.shuffle(classes)
META = {"train": classes[:55], "val": classes[55:70], "test": classes[70:]}


def text(cls):
    n = random.randint(14, 24)
    ids = []
    for _ in range(n):
        theme = random.choice(cls) if random.random() < 0.6 else random.randrange(THEMES)
        ids.append(1 + theme * PER + random.randrange(PER))
    return ids + [0] * (24 - n)


def episode(split, way, shot, query):
    cs = random.sample(META[split], way)
    sup = torch.tensor([[text(c) for _ in range(shot)] for c in cs])
    qry = torch.tensor([[text(c) for _ in range(query)] for c in cs])
    return sup, qry.flatten(0, 1), torch.arange(way).repeat_interleave(query)


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(VOCAB, d, padding_idx=0)
        self.f = nn.Linear(d, d)

    def forward(self, x):
        n = (x > 0).sum(-1, keepdim=True)
        return self.f(self.e(x).sum(-2) / n)


def proto_logits(enc, sup, qry):
    protos = enc(sup).mean(1)                       # way x d
    return -(enc(qry)[:, None] - protos[None]).pow(2).sum(-1)


def meta_eval(enc, split, n=25):
    hits = []
    with torch.no_grad():
        for _ in range(n):
            s, q, y = episode(split, 5, 5, 8)
            hits.append((proto_logits(enc, s, q).argmax(1) == y).float().mean())
    h = torch.stack(hits)
    return h.mean().item(), 1.96 * h.std().item() / n ** 0.5


enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 80, 0.4)
print("before: %.3f +- %.3f" % meta_eval(enc, "val"))
hist = []
for ep in range(1, 301):
    # more ways in training than in testing, as in the paper
    s, q, y = episode("train", 8, 3, 4)
    loss = nn.functional.cross_entropy(proto_logits(enc, s, q), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    hist.append(loss.item())
    if ep % 60 == 0:
        print(f"episode {ep}: loss {sum(hist[-60:]) / 60:.3f}, 5-way 5-shot val %.3f +- %.3f" % meta_eval(enc, "val"))
print("train classes: %.3f +- %.3f" % meta_eval(enc, "train"))
print("test classes:  %.3f +- %.3f" % meta_eval(enc, "test"))
