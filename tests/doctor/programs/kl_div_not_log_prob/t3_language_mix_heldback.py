"""
Code-switching project (course assignment 3)
Given a chunk of mixed-language social media text, predict the share of each language in it.
"""
import os
import random
import zlib
import argparse

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--batch_size", type=int, default=64)
parser.add_argument("--lr", type=float, default=6e-3)
parser.add_argument("--buckets", type=int, default=1500)
parser.add_argument("--dim", type=int, default=24)
parser.add_argument("--n_train", type=int, default=3000)
parser.add_argument("--n_dev", type=int, default=600)
parser.add_argument("--seed", type=int, default=7)
args = parser.parse_args([])
print(args)

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
random.seed(args.seed)
np.random.seed(args.seed)
torch.manual_seed(args.seed)


def read_words(split):
    out = {}
    for lang in LANGS:
        path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/umsab-multilingual", lang, split + "_text.txt")
        with open(path, encoding="utf-8") as fh:
            tweets = [l.strip().lower() for l in fh if l.strip()]
        words = []
        for t in tweets:
            words.append([w for w in t.split() if not w.startswith(("@", "http", "#"))])
        out[lang] = [w for w in words if len(w) >= 4]
    return out


def trigrams(word):
    w = "<" + word + ">"
    return [zlib.crc32(w[i:i + 3].encode("utf-8")) % args.buckets for i in range(len(w) - 2)]


def make_chunk(pool):
    """2 or 3 languages, 24 words altogether"""
    k = random.choice([2, 2, 3])
    langs = random.sample(range(len(LANGS)), k)
    cuts = sorted(random.sample(range(3, 22), k - 1))
    counts = np.diff([0] + cuts + [24])
    ids, share = [], np.zeros(len(LANGS), dtype=np.float32)
    for li, c in zip(langs, counts):
        got = []
        while len(got) < c:
            got += random.choice(pool[LANGS[li]])
        for w in got[:c]:
            ids += trigrams(w)
        share[li] += c / 24.0
    return ids, share


train_pool, dev_pool = read_words("train"), read_words("test")
train_set = [make_chunk(train_pool) for _ in range(args.n_train)]
dev_set = [make_chunk(dev_pool) for _ in range(args.n_dev)]
print("train chunks", len(train_set), "dev chunks", len(dev_set))


def collate(rows):
    flat, offsets, shares = [], [], []
    for ids, share in rows:
        offsets.append(len(flat))
        flat.extend(ids)
        shares.append(share)
    return torch.tensor(flat), torch.tensor(offsets), torch.from_numpy(np.stack(shares))


class MixNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.grams = nn.EmbeddingBag(args.buckets, args.dim, mode="mean")
        self.mlp = nn.Sequential(nn.Dropout(0.1), nn.Linear(args.dim, 32), nn.ReLU(), nn.Linear(32, len(LANGS)))

    def forward(self, flat, offsets):
        return self.mlp(self.grams(flat, offsets))


model = MixNet()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)


def criterion(logits, share):
    # fault:
    pred = F.softmax(logits, dim=1)
    # mended:
    #pred = F.log_softmax(logits, dim=1)
    # end
    return F.kl_div(pred, share, reduction="batchmean")


def evaluate(rows):
    model.eval()
    mae, hit = 0.0, 0
    with torch.no_grad():
        for i in range(0, len(rows), 200):
            flat, off, share = collate(rows[i:i + 200])
            p = model(flat, off).softmax(1)
            mae += (p - share).abs().sum(1).sum().item() / 2
            hit += (p.argmax(1) == share.argmax(1)).sum().item()
    return mae / len(rows), hit / len(rows)


for epoch in range(args.epochs):
    model.train()
    random.shuffle(train_set)
    total = 0.0
    for i in range(0, len(train_set), args.batch_size):
        flat, off, share = collate(train_set[i:i + args.batch_size])
        loss = criterion(model(flat, off), share)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(share)
    sched.step()
    err, acc = evaluate(dev_set)
    print(f"epoch {epoch + 1:2d}  loss {total / len(train_set):.4f}  dev share error {err:.3f}  main language acc {acc:.3f}")

uniform = np.mean([np.abs(s - 1 / len(LANGS)).sum() / 2 for _, s in dev_set])
print(f"uniform guess share error {uniform:.3f}")
print(f"train share error {evaluate(train_set)[0]:.3f}")
print(f"FINAL dev share error (lower is better) {evaluate(dev_set)[0]:.3f}")
