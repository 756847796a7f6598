"""fastText in 50 lines: hashed character n-grams, one EmbeddingBag with sparse gradients, two optimizers, linear decay."""
import gzip, os, random, zlib
import torch
import torch.nn.functional as F
R = random.Random(10); torch.manual_seed(10)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")
LANG = ("cs", "de", "en", "fr"); BUCKETS = 1 << 14

def grams(s):
    s = f"<{s}>"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (1, 2, 3) for i in range(len(s) - n + 1)]

def load(part, k):
    rows = []
    for y, l in enumerate(LANG):
        lines = gzip.open(f"{ROOT}/{part}.{l}.gz", "rt", encoding="utf-8").read().splitlines()
        for s in R.sample([x for x in lines if x.strip()], k):
            w = s.lower().split(); a = R.randrange(len(w)); rows.append((grams(" ".join(w[a:a + 3])), y))
    R.shuffle(rows)
    return rows

train, dev = load("train", 1500), load("val", 250)
bag = torch.nn.EmbeddingBag(BUCKETS, 16, mode="mean", sparse=True)
torch.nn.init.uniform_(bag.weight, -1 / 16, 1 / 16)
head = torch.nn.Linear(16, 4)
sparse_opt = torch.optim.SparseAdam(bag.parameters(), lr=0.02)
dense_opt = torch.optim.Adam(head.parameters(), lr=0.02)

def logits(rows):
    flat = torch.tensor([g for ids, _ in rows for g in ids])
    off = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]]).cumsum(0)
    return head(bag(flat, off)), torch.tensor([y for _, y in rows])

done, B, E = 0, 50, 4
total = E * len(train) // B
for e in range(E):
    R.shuffle(train); agg = 0.
    for i in range(0, len(train), B):
        z, y = logits(train[i:i + B])
        loss = F.cross_entropy(z, y)
        sparse_opt.zero_grad(); dense_opt.zero_grad()
        loss.backward()
        for o in (sparse_opt, dense_opt):
            for g in o.param_groups: g["lr"] = 0.02 * max(0.02, 1 - done / total)
            o.step()
        done += 1; agg += loss.item()
    with torch.no_grad():
        z, y = logits(dev); zt, yt = logits(train[:1000])
    print(f"epoch {e} loss {agg * B / len(train):.3f} train acc {(zt.argmax(1) == yt).float().mean():.3f} dev acc {(z.argmax(1) == y).float().mean():.3f}")
