"""Headline classifier, v4 (the one with GloVe).

Desk labels come from the bodies of the stories (keyword rules), the model only sees the headline.
"""
import argparse
import gzip
import os
import random
import re
import time

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.environ["WORDFIT_DATA"])
parser.add_argument("--max_len", type=int, default=14)
parser.add_argument("--per_class", type=int, default=900)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--bs", type=int, default=64)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--hidden", type=int, default=48)
parser.add_argument("--seed", type=int, default=13)
args = parser.parse_args()

random.seed(args.seed)
np.random.seed(args.seed)
torch.manual_seed(args.seed)

DESKS = ["commodities", "money", "deals"]
RULES = {
    "commodities": re.compile(r"\b(tonnes|crude|barrels|wheat|coffee|cocoa|bushels|ounces)\b"),
    "money": re.compile(r"\b(interest rates?|central bank|money market|deficit|currency|treasury)\b"),
    "deals": re.compile(r"\b(acquisition|merger|acquire|takeover|tender offer|outstanding shares)\b"),
}


def read_stories(path):
    story = []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if line:
                story.append(line)
            elif story:
                yield story[0], " ".join(story[1:])
                story = []


def label_of(body):
    hits = [len(RULES[d].findall(body)) for d in DESKS]
    if sum(h > 0 for h in hits) != 1 or max(hits) < 2:
        return None
    return int(np.argmax(hits))


print("reading stories ...")
t0 = time.time()
buckets = {i: [] for i in range(len(DESKS))}
seen = set()
for title, body in read_stories(os.path.join(args.data, "corpora", "reuters-21578-bodies.txt.gz")):
    if len(body) < 200 or title in seen:
        continue
    y = label_of(body)
    if y is None or len(buckets[y]) >= args.per_class:
        continue
    seen.add(title)
    buckets[y].append((title, y))
rows = [r for b in buckets.values() for r in b]
random.shuffle(rows)
print("stories:", len(rows), {DESKS[i]: len(b) for i, b in buckets.items()}, f"{time.time() - t0:.1f}s")


def tokenize(title):
    # fault:
    return re.findall(r"[A-Za-z]+|\d+|[.,/$<>-]", title)
    # mended:
    #return re.findall(r"[a-z]+|\d+|[.,/$<>-]", title.lower())
    # end


print("reading glove ...")
words, vecs = ["<pad>", "<unk>"], [np.zeros(50, dtype="float32")] * 2
with gzip.open(os.path.join(args.data, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        words.append(parts[0])
        vecs.append(np.array(parts[1:], dtype="float32"))
stoi = {w: i for i, w in enumerate(words)}
table = torch.from_numpy(np.stack(vecs))
table[1] = table[2:].mean(0)


def encode(title):
    ids = [stoi.get(t, 1) for t in tokenize(title)][: args.max_len] or [1]
    return ids + [0] * (args.max_len - len(ids))


X = torch.tensor([encode(t) for t, _ in rows])
Y = torch.tensor([y for _, y in rows])
n_dev = len(rows) // 5
dl = DataLoader(TensorDataset(X[n_dev:], Y[n_dev:]), batch_size=args.bs, shuffle=True)
X_dev, Y_dev = X[:n_dev], Y[:n_dev]
print("train", len(dl.dataset), "dev", n_dev)


class HeadlineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.score = nn.Linear(50, 1)
        self.mlp = nn.Sequential(nn.Linear(100, args.hidden), nn.ReLU(), nn.Dropout(0.4),
                                 nn.Linear(args.hidden, len(DESKS)))

    def forward(self, ids):
        keep = ids != 0
        e = self.emb(ids)
        a = self.score(e).squeeze(-1).masked_fill(~keep, -1e4).softmax(1)
        att = (a.unsqueeze(-1) * e).sum(1)
        top = e.masked_fill(~keep.unsqueeze(-1), -1e4).max(1).values
        return self.mlp(torch.cat([att, top], 1))


net = HeadlineNet()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=args.lr)
crit = nn.CrossEntropyLoss()

for epoch in range(1, args.epochs + 1):
    net.train()
    tot, right = 0.0, 0
    for xb, yb in dl:
        opt.zero_grad()
        out = net(xb)
        loss = crit(out, yb)
        loss.backward()
        opt.step()
        tot += loss.item() * len(yb)
        right += (out.argmax(1) == yb).sum().item()
    net.eval()
    with torch.no_grad():
        out = net(X_dev)
        dev_loss, dev_acc = crit(out, Y_dev).item(), (out.argmax(1) == Y_dev).float().mean().item()
    print(f"epoch {epoch:2d} | train {tot / len(dl.dataset):.3f} {right / len(dl.dataset):.3f} | dev {dev_loss:.3f} {dev_acc:.3f}")

majority = Y_dev.bincount().max().item() / n_dev
print(f"final dev acc {dev_acc:.3f} (majority {majority:.3f})")
