#!/usr/bin/env python3
"""Group log lines by the template they were printed from, without labels in production.

Token vectors are a fixed random table over hash buckets (never trained: it must be the same on all hosts); a linear map
and a weight per bucket are learned with a two-way contrastive loss on pairs of lines from one template.
Templates of the test are other templates than those of training.
"""
import random
import zlib
import torch
from torch import nn
from torch.nn import functional as F

random.seed(14); torch.manual_seed(14)
BUCKETS = 4096
STEMS = [a + b for a in "con dis re un pre sub ex in".split() for b in
         "nect mount tach load start port voke lock try map queue flush sync bind route scan".split()]


def template():
    parts = [random.choice(STEMS) for _ in range(random.randint(4, 6))]
    for _ in range(random.randint(3, 6)):
        parts.insert(random.randrange(len(parts) + 1), random.choice(["<num>", "<ip>", "<dev>"]))
    return parts


def render(t):
    fill = {"<num>": lambda: "num%d" % random.randrange(300), "<ip>": lambda: "ip%d" % random.randrange(200),
            "<dev>": lambda: random.choice("sda sdb sdc eth0 eth1 lo tty1 md0".split())}
    return [fill[p]() if p in fill else p for p in t]


def ids(lines):
    flat = [zlib.crc32(w.encode()) % BUCKETS for l in lines for w in l]
    offs = torch.tensor([0] + [len(l) for l in lines]).cumsum(0)[:-1]
    return torch.tensor(flat), offs


class Fingerprint(nn.Module):
    def __init__(self, raw=48, out=24):
        super().__init__()
        self.register_buffer("table", torch.randn(BUCKETS, raw) / raw ** .5)
        self.weight = nn.Embedding(BUCKETS, 1)
        nn.init.zeros_(self.weight.weight)
        self.project = nn.Linear(raw, out, bias=False)

    def forward(self, flat, offs):
        w = torch.exp(self.weight(flat))[:, 0]
        v = F.embedding_bag(flat, self.table, offs, mode="sum", per_sample_weights=w)
        return F.normalize(self.project(v), dim=1)


train_t, test_t = [template() for _ in range(500)], [template() for _ in range(150)]
model = Fingerprint()
opt = torch.optim.Adam([{"params": model.weight.parameters(), "lr": 3e-2}, {"params": model.project.parameters()}], lr=3e-3)


def nearest_is_twin(ts):
    """one stored line per template, one new line per template: is the nearest stored line the right one?"""
    with torch.no_grad():
        a, b = model(*ids([render(t) for t in ts])), model(*ids([render(t) for t in ts]))
    return ((b @ a.T).argmax(1) == torch.arange(len(ts))).float().mean().item()


print("untrained: %.3f" % nearest_is_twin(test_t))
for epoch in range(8):
    random.shuffle(train_t)
    total = 0.
    for i in range(0, len(train_t), 50):
        ts = train_t[i:i + 50]
        a, b = model(*ids([render(t) for t in ts])), model(*ids([render(t) for t in ts]))
        logits = a @ b.T / 0.1
        y = torch.arange(len(ts))
        loss = (F.cross_entropy(logits, y) + F.cross_entropy(logits.T, y)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(ts)
    print("epoch %d  loss %.3f" % (epoch, total / len(train_t)))
print("templates of training %.3f, unseen templates %.3f" % (nearest_is_twin(train_t[:150]), nearest_is_twin(test_t)))
