"""Which language is this tweet written in? fastText-style: hashed character n-grams, one EmbeddingBag.
Data: UMSAB tweets, 6 languages in latin script."""
import os, re, zlib, random
from pathlib import Path
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(7)
torch.manual_seed(7)
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
BUCKETS = 2 ** 13


def clean(t):
    t = re.sub(r"https?\S+|@\S+|#\S+", " ", t.lower())
    return " ".join(re.findall(r"[^\W\d_]+", t))


def grams(t):
    ids = []
    for w in t.split():
        w = f"<{w}>"
        for n in (2, 3):
            ids += [zlib.crc32(w[i:i + n].encode()) % BUCKETS for i in range(len(w) - n + 1)]
    return ids


def load(split, cap, seen):
    rows = []
    for y, lang in enumerate(LANGS):
        n = 0
        for line in (ROOT / lang / f"{split}_text.txt").open(encoding="utf-8"):
            t = clean(line)
            if len(t) < 20 or t in seen:
                continue
            seen.add(t)
            rows.append((grams(t), y))
            n += 1
            if n == cap:
                break
    return rows


def to_batch(rows):
    flat = torch.tensor([g for ids, _ in rows for g in ids])
    lens = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]])
    return flat, lens.cumsum(0), torch.tensor([y for _, y in rows])


seen = set()
train = load("train", 450, seen)
test = load("test", 150, seen)
print(len(train), "train tweets,", len(test), "test tweets")

# ten dimensions are plenty, see the fastText paper
bag = nn.EmbeddingBag(BUCKETS, 10, mode="mean", sparse=True)
nn.init.uniform_(bag.weight, -0.1, 0.1)
head = nn.Linear(10, len(LANGS))
opts = [torch.optim.SparseAdam(list(bag.parameters()), lr=0.02), torch.optim.Adam(head.parameters(), lr=0.02)]


def accuracy(rows):
    with torch.no_grad():
        flat, off, y = to_batch(rows)
        return (head(bag(flat, off)).argmax(1) == y).float().mean().item()


EPOCHS = 4
for ep in range(EPOCHS):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 50):
        flat, off, y = to_batch(train[i:i + 50])
        loss = F.cross_entropy(head(bag(flat, off)), y)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        tot += loss.item() * len(y)
    for o in opts:  # halve by hand, LambdaLR doesn't like SparseAdam lists
        for g in o.param_groups:
            g["lr"] *= 0.5
    print(f"epoch {ep + 1}: loss {tot / len(train):.4f}  test acc {accuracy(test):.4f}")
print("train acc", round(accuracy(train), 4))
