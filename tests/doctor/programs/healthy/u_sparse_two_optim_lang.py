# Language of a caption from hashed character trigrams. Sparse table (SparseAdam) + small dense head (SGD).
import gzip, itertools, os, zlib
import numpy as np, torch
from sklearn.metrics import classification_report

torch.manual_seed(0); rs = np.random.RandomState(0)
BUCKETS, DIM = 4096, 8
langs = ["en", "de", "fr", "cs"]
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")


def feats(s):
    s = "^" + s.strip().lower()[:25] + "$"
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


def load(split, n):
    rows = []
    for k, l in enumerate(langs):
        with gzip.open(f"{base}/{split}.{l}.gz", "rt", encoding="utf-8") as f:
            lines = [next(f) for _ in range(n)]
        # other captions for each language, so that no picture occurs twice
        rows += [(feats(x), k) for x in lines[k::len(langs)]]
    return rows


train, val = load("train", 2800), load("val", 800)
table = torch.nn.EmbeddingBag(BUCKETS, DIM, sparse=True, mode="mean")
torch.nn.init.uniform_(table.weight, -0.05, 0.05)
W = torch.empty(DIM, len(langs)).uniform_(-0.3, 0.3).requires_grad_()
b = torch.zeros(len(langs), requires_grad=True)
o_sparse = torch.optim.SparseAdam(list(table.parameters()), lr=1e-2)
o_dense = torch.optim.SGD([W, b], lr=0.5)


def logits(rows):
    flat = torch.tensor(list(itertools.chain.from_iterable(r[0] for r in rows)))
    start = torch.tensor(np.concatenate([[0], np.cumsum([len(r[0]) for r in rows])[:-1]]))
    return table(flat, start) @ W + b


for ep in range(3):
    rs.shuffle(train)
    cost = 0.
    for i in range(0, len(train), 32):
        mb = train[i:i + 32]
        loss = torch.nn.functional.cross_entropy(logits(mb), torch.tensor([r[1] for r in mb]))
        for o in (o_sparse, o_dense):
            o.zero_grad()
        loss.backward()
        for o in (o_sparse, o_dense):
            o.step()
        cost += loss.item() * len(mb)
    with torch.no_grad():
        a = [float((logits(p).argmax(1).numpy() == [r[1] for r in p]).mean()) for p in (train, val)]
    print(f"ep {ep}: loss {cost / len(train):.4f} | acc train {a[0]:.4f} val {a[1]:.4f}")

with torch.no_grad():
    guess = logits(val).argmax(1).numpy()
print(classification_report([r[1] for r in val], guess, target_names=langs, digits=3))
