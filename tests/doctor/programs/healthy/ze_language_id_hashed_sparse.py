# Language of a caption (en/de/fr/cs) from hashed character trigrams; sparse table, two optimisers.
# Practical course "Algorithms for text", task 5b.
import gzip, os, zlib
import torch

torch.manual_seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS, BUCKETS, DIM = ["en", "de", "fr", "cs"], 4096, 8


def read(split, lang, lo, hi):
    with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
        return [l.strip() for i, l in enumerate(fh) if lo <= i < hi]


def grams(s, width=30):
    s = "^" + s[:width].lower() + "$"
    return [zlib.crc32(s[i:i + 3].encode("utf-8")) % BUCKETS for i in range(len(s) - 2)]


def load(split, n):
    # another stretch of lines for every language, so that no caption comes twice as a translation
    rows = []
    for k, lang in enumerate(LANGS):
        rows += [(torch.tensor(grams(s)), k) for s in read(split, lang, k * n, (k + 1) * n)]
    return rows


train, val = load("train", 500), load("val", 100)
table = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
mlp = torch.nn.Sequential(torch.nn.Linear(DIM, 16), torch.nn.Tanh(), torch.nn.Linear(16, len(LANGS)))
opt_table = torch.optim.SparseAdam(table.parameters(), lr=1e-2)
opt_mlp = torch.optim.Adam(mlp.parameters(), lr=1e-2)


def logits(rows):
    off = torch.tensor([0] + [len(g) for g, _ in rows[:-1]]).cumsum(0)
    return mlp(table(torch.cat([g for g, _ in rows]), off)), torch.tensor([k for _, k in rows])


for epoch in range(6):
    perm, seen, right, tot = torch.randperm(len(train)).tolist(), 0, 0, 0.0
    for i in range(0, len(perm), 40):
        z, y = logits([train[j] for j in perm[i:i + 40]])
        loss = torch.nn.functional.cross_entropy(z, y)
        opt_table.zero_grad(); opt_mlp.zero_grad()
        loss.backward()
        opt_table.step(); opt_mlp.step()
        tot += loss.item() * len(y); right += (z.argmax(1) == y).sum().item(); seen += len(y)
    with torch.no_grad():
        z, y = logits(val)
    print(f"pass {epoch}: loss {tot / seen:.3f} acc {right / seen:.3f} | val loss "
          f"{torch.nn.functional.cross_entropy(z, y):.3f} acc {(z.argmax(1) == y).float().mean():.3f}")
conf = torch.zeros(4, 4, dtype=torch.long)
for t, p in zip(y, z.argmax(1)):
    conf[t, p] += 1
print(conf)
