# fastText-like language identification: hashed character n-grams in a sparse table (SparseAdam),
# plain SGD for the small dense part. No padding anywhere: rows are concatenated with offsets.
import gzip, os, sys, zlib
import numpy as np
import torch as th

th.manual_seed(123); rs = np.random.RandomState(123)
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
langs = ["cs", "de", "en", "fr"]
NBUCKET, DIM, MAXLEN = 1 << 14, 5, 40

def lines(split, lang, k):
    with gzip.open(base + split + "." + lang + ".gz", "rt", encoding="utf-8") as f:
        return [l.strip().lower()[:MAXLEN] for _, l in zip(range(k), f)]

def subwords(s):
    ids = []
    for w in s.split():
        w = "<" + w + ">"
        for n in (2, 3, 4):
            ids.extend(zlib.adler32(w[i:i+n].encode()) * 2654435761 % 2**32 % NBUCKET for i in range(len(w) - n + 1))
    return np.array(ids or [0])

# captions are parallel, so each language gets other captions
def corpus(split, k):
    out = []
    for j, la in enumerate(langs):
        out += [(subwords(s), j) for s in lines(split, la, k * 4)[j::4]]
    rs.shuffle(out)
    return out

def cat(rows):
    lens = [len(r) for r, _ in rows]
    return (th.from_numpy(np.concatenate([r for r, _ in rows])), th.tensor([0] + lens[:-1]).cumsum(0),
            th.tensor([y for _, y in rows]))

train, dev = corpus("train", 400), corpus("val", 150)
table = th.nn.EmbeddingBag(NBUCKET, DIM, mode="mean", sparse=True)
th.nn.init.uniform_(table.weight, -1 / DIM, 1 / DIM)
head = th.nn.Linear(DIM, len(langs))
opt_sparse = th.optim.SparseAdam(table.parameters(), lr=2e-2)
opt_dense = th.optim.SGD(head.parameters(), lr=0.5)

for epoch in range(4):
    rs.shuffle(train)
    seen = loss_sum = 0
    for k in range(0, len(train), 40):
        flat, off, y = cat(train[k:k+40])
        loss = th.nn.functional.cross_entropy(head(table(flat, off)), y)
        opt_sparse.zero_grad(); opt_dense.zero_grad()
        loss.backward()
        opt_sparse.step(); opt_dense.step()
        loss_sum += float(loss.detach()) * len(y); seen += len(y)
    rep = []
    for name, rows in (("train", train), ("dev", dev)):
        with th.no_grad():
            flat, off, y = cat(rows)
            z = head(table(flat, off))
            rep.append(f"{name}: loss {th.nn.functional.cross_entropy(z, y).item():.3f} acc {(z.argmax(1) == y).float().mean().item():.3f}")
    print(f"epoch {epoch} running {loss_sum / seen:.3f} | " + " | ".join(rep))
    sys.stdout.flush()
