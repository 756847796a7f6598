"""Snapshot averaging: cosine cycles with restarts, the weights at each cycle's end are averaged.

Vectors are tuned with a tiny rate (5e-5), the rest with 5e-3. Which corpus is a window of six to eight words from?
"""
import copy
import gzip
import math
import os
import random

import torch
import torch.nn as nn

random.seed(1)
torch.manual_seed(1)
BASE = os.environ["WORDFIT_DATA"]


def read(y, path, clean):
    with open(f"{BASE}/{path}", encoding="utf-8", errors="replace") as f:
        lines = sorted({clean(l).lower().replace("?", " ").replace(".", " ").strip() for l in f})
    random.shuffle(lines)
    out = []
    for l in lines[:2300]:
        w = [t for t in l.split() if t.isalpha()]
        if len(w) >= 8:
            at = random.randrange(len(w) - 7)
            out.append((w[at:at + random.randint(6, 8)], y))
    cut = len(out) * 4 // 5
    return out[:cut], out[cut:]


sources = [read(0, "sentiment/SST-2-sentences/stsa.binary.train", lambda l: l[2:]),
           read(1, "glue/QQP/train_subset8999.tsv", lambda l: l.split("\t")[1]),
           read(2, "sentiment/financial-phrasebank/Sentences_50Agree.txt", lambda l: l.rpartition("@")[0]),
           read(3, "glue/SNLI/train_subset8999.tsv", lambda l: l.split("\t")[1])]
train = [r for a, _ in sources for r in a]
dev = [r for _, b in sources for r in b]
random.shuffle(train)
used = {w for t, _ in train for w in t} | {w for t, _ in dev for w in t}

itos, rows = ["<pad>", "<oov>"], [[0.0] * 50, [0.0] * 50]
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        if w in used:
            itos.append(w)
            rows.append([float(a) for a in v.split()])
stoi = {w: i for i, w in enumerate(itos)}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.tensor(rows), freeze=False, padding_idx=0)
        self.fc1 = nn.Linear(100, 64)
        self.fc2 = nn.Linear(64, len(sources))
        self.drop = nn.Dropout(0.4)

    def forward(self, ids):
        m = ids.ne(0).unsqueeze(2)
        e = self.lookup(ids)
        mean = (e * m).sum(1) / m.sum(1)
        top = e.masked_fill(~m, -1e9).max(1)[0]
        return self.fc2(self.drop(torch.relu(self.fc1(torch.cat([mean, top], 1)))))


def pack(rows_):
    n = max(len(t) for t, _ in rows_)
    return (torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in rows_]),
            torch.tensor([y for _, y in rows_]))


def score(net, part):
    net.eval()
    with torch.no_grad():
        return sum((net(x).argmax(1) == y).sum().item() for x, y in part) / sum(len(y) for _, y in part)


train.sort(key=lambda r: len(r[0]))                       # near equal lengths per batch ...
batches = [pack(train[i:i + 64]) for i in range(0, len(train), 64)]
dev_batches = [pack(dev)]
net = Net()
groups = [{"params": net.lookup.parameters(), "base": 5e-5},
          {"params": [*net.fc1.parameters(), *net.fc2.parameters()], "base": 5e-3}]
opt = torch.optim.Adam(groups, lr=1e-3)
snapshots = []
for cycle in range(3):
    random.shuffle(batches)                               # ... in random order
    net.train()
    total = 0.0
    for k, (x, y) in enumerate(batches):
        for g in opt.param_groups:
            g["lr"] = g["base"] * 0.5 * (1 + math.cos(math.pi * k / len(batches)))
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    snapshots.append(copy.deepcopy(net.state_dict()))
    print(f"cycle {cycle + 1}: loss {total / len(batches):.4f} train {score(net, batches):.4f} dev {score(net, dev_batches):.4f}")
net.load_state_dict({k: torch.stack([s[k] for s in snapshots]).mean(0) for k in snapshots[0]})
print(f"average of {len(snapshots)} snapshots: train {score(net, batches):.4f} dev {score(net, dev_batches):.4f}")
