"""Which language is a caption in? A two-level label tree over hashed character trigrams."""
import gzip
import os
import random
import zlib
from pathlib import Path

import torch
from torch import nn
import torch.nn.functional as F
from sklearn.metrics import classification_report

random.seed(4)
torch.manual_seed(4)
ROOT = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k"
BUCKETS = 4096
TREE = {"germanic": ["en", "de"], "other": ["fr", "cs"]}
LEAVES = [leaf for kids in TREE.values() for leaf in kids]


def read(split, lang, n):
    with gzip.open(ROOT / f"{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [next(f).strip().lower() for _ in range(n)]


def grams(s):
    s = f"^{s[:24]}$"          # only the first letters, else it is too easy
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


def collate(rows):
    flat, starts, ys = [], [], []
    for s, y in rows:
        starts.append(len(flat))
        flat += grams(s)
        ys.append(y)
    return torch.tensor(flat), torch.tensor(starts), torch.tensor(ys)


class Tree(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        self.root = nn.Linear(dim, 1)
        self.left = nn.Linear(dim, 1)
        self.right = nn.Linear(dim, 1)

    def path_logprob(self, flat, starts):
        """log p(leaf) = log p(branch) + log p(leaf | branch), one column a leaf"""
        h = self.bag(flat, starts)
        r, a, b = self.root(h), self.left(h), self.right(h)
        up, down = F.logsigmoid(r), F.logsigmoid(-r)
        return torch.cat([up + F.logsigmoid(a), up + F.logsigmoid(-a),
                          down + F.logsigmoid(b), down + F.logsigmoid(-b)], 1)


train = [(s, k) for k, l in enumerate(LEAVES) for s in read("train", l, 900)]
valid = [(s, k) for k, l in enumerate(LEAVES) for s in read("val", l, 300)]
net = Tree()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(4):
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 60):
        flat, starts, y = collate(train[i:i + 60])
        lp = net.path_logprob(flat, starts)
        loss = -lp[torch.arange(len(y)), y].mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(y)
    with torch.no_grad():
        flat, starts, y = collate(valid)
        lp = net.path_logprob(flat, starts)
        vl = -lp.gather(1, y[:, None]).mean().item()
        acc = (lp.argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}  path nll {run / len(train):.4f}  valid nll {vl:.4f}  leaf accuracy {acc:.4f}")
print(classification_report(y.numpy(), lp.argmax(1).numpy(), target_names=LEAVES, digits=3))
