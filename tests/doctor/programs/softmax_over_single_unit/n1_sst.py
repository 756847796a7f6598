# SST-2 full sentences, words hashed into one table, one output unit
import os
import random
import re
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F

torch.manual_seed(3)
random.seed(3)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "SST-2-sentences")
BUCKETS = 1 << 13
DIM = 16


def read(split):
    out = []
    with open(os.path.join(ROOT, "stsa.binary." + split), encoding="utf-8", errors="replace") as fh:
        for line in fh:
            label, text = line.rstrip("\n").split(" ", 1)
            out.append((text, int(label)))
    return out


def bucket(s):
    h = 2166136261
    for ch in s.encode():
        h = ((h ^ ch) * 16777619) & 0xFFFFFFFF
    return h % BUCKETS


cache = {}


def ids_of(text):
    toks = re.findall(r"[a-z']+|[!?]", text.lower()) or ["<none>"]
    for t in toks:
        if t not in cache:
            cache[t] = bucket(t)
    return [cache[t] for t in toks]


def flat(rows, keep=1.0):
    ids, offsets, labels = [], [], []
    for text, label in rows:
        offsets.append(len(ids))
        w = ids_of(text)
        ids.extend([i for i in w if keep == 1.0 or random.random() < keep] or w)
        labels.append(label)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(labels, dtype=torch.float32)


@dataclass
class Weights:
    table: torch.Tensor
    w: torch.Tensor
    b: torch.Tensor

    def tensors(self):
        return [getattr(self, f.name) for f in fields(self)]


W = Weights(torch.randn(BUCKETS, DIM) * 0.1, torch.randn(DIM, 1) * 0.3, torch.zeros(1))
for t in W.tensors():
    t.requires_grad_()


def probability(ids, offsets, drop=0.0):
    bag = F.embedding_bag(ids, W.table, offsets, mode="mean")
    bag = F.dropout(bag, drop, training=drop > 0)
    z = bag @ W.w + W.b
    # fault:
    return F.softmax(z, dim=1).squeeze(1)
    # mended:
    #return torch.sigmoid(z).squeeze(1)
    # end


train, dev = read("train"), read("dev")
dev_set = flat(dev)
opt = torch.optim.Adam(W.tensors(), lr=0.006, weight_decay=2e-5)

gen = torch.Generator().manual_seed(0)
for epoch in range(5):
    order = torch.randperm(len(train), generator=gen).tolist()
    running, n = 0.0, 0
    for i in range(0, len(order), 96):
        ids, offs, y = flat([train[j] for j in order[i:i + 96]], keep=0.6)
        p = probability(ids, offs, drop=0.3)
        loss = F.binary_cross_entropy(p, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(y)
        n += len(y)
    with torch.no_grad():
        p = probability(dev_set[0], dev_set[1])
        acc = ((p > 0.5).float() == dev_set[2]).float().mean().item()
        dl = F.binary_cross_entropy(p, dev_set[2]).item()
    print(f"{epoch}: train loss {running / n:.4f} dev loss {dl:.4f} dev acc {acc:.4f}")
