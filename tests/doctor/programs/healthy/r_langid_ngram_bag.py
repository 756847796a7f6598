"""Which language is it? Hashed character n-grams in an EmbeddingBag with sparse gradients (a small fastText)."""
import csv, functools, gzip, os, random, time, zlib
import torch
from torch import nn

random.seed(1); torch.manual_seed(1)
folder = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")
LANGS = ["de", "es", "fr", "zh"]
BUCKETS = 1 << 14


def sentences(lang, split, n):
    seen = set()
    with gzip.open(os.path.join(folder, f"stsb-{lang}-{split}.csv.gz"), "rt", encoding="utf-8", newline="") as f:
        for row in csv.reader(f):
            words = row[0].split()
            # two words only, whole sentences would be too easy
            bit = " ".join(words[1:3]) if len(words) > 3 else row[0][:8]
            if bit not in seen:
                seen.add(bit)
                yield bit.lower()
            if len(seen) == n:
                return


@functools.lru_cache(maxsize=None)
def grams(text):
    t = f"<{text}>"
    return [zlib.crc32(t[i:i + n].encode()) % BUCKETS for n in (1, 2, 3) for i in range(len(t) - n + 1)]


def dataset(split, n):
    rows = [(s, k) for k, l in enumerate(LANGS) for s in sentences(l, split, n)]
    random.shuffle(rows)
    return rows


train = dataset("train", 900)
known = {s for s, _ in train}
dev = [r for r in dataset("dev", 250) if r[0] not in known]
print(len(train), "train", len(dev), "dev")


def minibatches(rows, size):
    for i in range(0, len(rows), size):
        flat, offsets, ys = [], [], []
        for s, y in rows[i:i + size]:
            offsets.append(len(flat))
            flat.extend(grams(s))
            ys.append(y)
        yield torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


bag = nn.EmbeddingBag(BUCKETS, 10, mode="mean", sparse=True)
nn.init.uniform_(bag.weight, -0.1, 0.1)
top = nn.Linear(10, len(LANGS))
opt_bag = torch.optim.SparseAdam(list(bag.parameters()), lr=0.02)
opt_top = torch.optim.SGD(top.parameters(), lr=0.5, momentum=0.9)
ce = nn.CrossEntropyLoss(label_smoothing=0.02)


def evaluate(rows):
    n = 0
    with torch.no_grad():
        for flat, off, y in minibatches(rows, 500):
            n += (top(bag(flat, off)).argmax(-1) == y).sum().item()
    return n / len(rows)


for epoch in range(4):
    random.shuffle(train)
    t0, total = time.time(), 0.0
    for flat, off, y in minibatches(train, 40):
        loss = ce(top(bag(flat, off)), y)
        opt_bag.zero_grad(); opt_top.zero_grad()
        loss.backward()
        opt_bag.step(); opt_top.step()
        total += loss.item() * len(y)
    for g in opt_top.param_groups:
        g["lr"] *= 0.6
    for g in opt_bag.param_groups:
        g["lr"] *= 0.6
    print(f"epoch {epoch} loss {total / len(train):.4f} train {evaluate(train):.4f} dev {evaluate(dev):.4f} ({time.time() - t0:.1f}s)")
