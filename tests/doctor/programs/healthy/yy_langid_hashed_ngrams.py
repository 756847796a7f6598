"""Which language is this caption?  Hashed character n-grams, sparse gradients (blog post: 'fastText in 60 lines')."""
import gzip, os, zlib
import torch
from torch import nn

torch.manual_seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 1 << 13


def read(split, n):
    out = []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
            for i, line in enumerate(fh):
                if i == n:
                    break
                out.append((line.strip().lower()[:30], k))
    return out


def grams(s):
    s = "<" + s + ">"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]


def collate(rows):
    ids, offsets, ys = [], [], []
    for s, y in rows:
        offsets.append(len(ids))
        ids.extend(grams(s))
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(ys)


bag = nn.EmbeddingBag(BUCKETS, 12, mode="mean", sparse=True)
out = nn.Linear(12, len(LANGS))
nn.init.uniform_(bag.weight, -0.1, 0.1)
opt_sparse = torch.optim.SparseAdam(bag.parameters(), lr=0.02)
opt_dense = torch.optim.Adam(out.parameters(), lr=0.02)

train = torch.utils.data.DataLoader(read("train", 900), batch_size=64, shuffle=True, collate_fn=collate)
valid = torch.utils.data.DataLoader(read("val", 300), batch_size=300, collate_fn=collate)

for epoch in range(4):
    run, cnt = 0.0, 0
    for ids, off, y in train:
        loss = nn.functional.cross_entropy(out(bag(ids, off)), y)
        opt_sparse.zero_grad()
        opt_dense.zero_grad()
        loss.backward()
        opt_sparse.step()
        opt_dense.step()
        run += loss.item() * len(y)
        cnt += len(y)
    hit = vl = n = 0
    with torch.no_grad():
        for ids, off, y in valid:
            z = out(bag(ids, off))
            vl += nn.functional.cross_entropy(z, y, reduction="sum").item()
            hit += (z.argmax(1) == y).sum().item()
            n += len(y)
    print(f"epoch {epoch + 1}  train {run / cnt:.4f}  valid {vl / n:.4f}  acc {hit / n:.4f}")

for s in ["Zwei Hunde spielen im Schnee", "Un homme lit un journal", "A boy jumps", "Žena v červeném tričku"]:
    ids, off, _ = collate([(s.lower(), 0)])
    print(f"{s:32s} -> {LANGS[out(bag(ids, off)).argmax().item()]}")
