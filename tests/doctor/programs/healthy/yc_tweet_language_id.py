"""Language identification for tweets: hashed character n-grams, one sparse bag, label smoothing."""
import os, zlib, random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(4); random.seed(4); torch.set_num_threads(1)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 14


def lines(lang, split):
    with open(os.path.join(ROOT, lang, split + "_text.txt"), encoding="utf-8") as fh:
        return [l.strip() for l in fh]


def grams(text):
    text = "^" + " ".join(w for w in text.lower().split() if not w.startswith(("@", "http", "#"))) + "$"
    out = [zlib.crc32(text[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(text) - n + 1)]
    return out


def load(split, cap):
    rows = []
    for k, lang in enumerate(LANGS):
        for l in lines(lang, split)[:cap]:
            g = grams(l)
            if len(g) >= 12:              # tweets made of links only carry no language
                rows.append((g, k))
    return rows


train, val = load("train", 450), load("val", 150)
seen = {tuple(g) for g, _ in train}
val = [r for r in val if tuple(r[0]) not in seen]
print(len(train), "train tweets,", len(val), "val tweets")

bag = nn.EmbeddingBag(BUCKETS, 12, mode="mean", sparse=True)
nn.init.uniform_(bag.weight, -0.05, 0.05)
out = nn.Linear(12, len(LANGS))
opts = [torch.optim.SparseAdam(list(bag.parameters()), lr=0.01), torch.optim.Adam(out.parameters(), lr=0.01)]
EPOCHS = 6
scheds = [torch.optim.lr_scheduler.LambdaLR(o, lambda e: 1 - e / EPOCHS) for o in opts]


def forward(rows):
    flat = torch.tensor([i for g, _ in rows for i in g])
    offs = torch.tensor([0] + [len(g) for g, _ in rows[:-1]]).cumsum(0)
    return out(bag(flat, offs)), torch.tensor([y for _, y in rows])


def accuracy(rows):
    with torch.no_grad():
        z, y = forward(rows)
    return (z.argmax(1) == y).float().mean().item()


for ep in range(EPOCHS):
    random.shuffle(train)
    tot = 0.
    for i in range(0, len(train), 64):
        z, y = forward(train[i:i + 64])
        loss = F.cross_entropy(z, y, label_smoothing=0.15)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        tot += loss.item() * len(y)
    for s in scheds:
        s.step()
    print(f"epoch {ep} smoothed loss {tot / len(train):.3f} train[:800] {accuracy(train[:800]):.3f} val {accuracy(val):.3f}")
