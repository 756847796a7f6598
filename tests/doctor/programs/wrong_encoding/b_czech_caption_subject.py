"""Who is in the picture?  Czech captions, labels read off the parallel English ones.

1. count co-occurrences in a part of the captions, SVD -> vectors, stored as a text file like fastText's
2. a second "project" loads the file, freezes it and trains a classifier on other captions
"""
import collections, gzip, os, re, tempfile
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds
import torch
from torch import nn

torch.manual_seed(8); np.random.seed(8)
M30K = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
word = re.compile(r"\w+")


def captions(lang, n):
    with gzip.open(f"{M30K}/train.{lang}.gz", "rt", encoding="utf-8") as f:
        return [word.findall(next(f).lower()) for _ in range(n)]


cs, en = captions("cs", 14000), captions("en", 14000)


# ---------------------------------------------------------------- 1. vectors
def write_vectors(sents, path, dim=40, min_count=4):
    freq = collections.Counter(w for s in sents for w in s)
    vocab = [w for w, c in freq.most_common() if c >= min_count]
    idx = {w: i for i, w in enumerate(vocab)}
    r, c = [], []
    for s in sents:
        k = [idx[w] for w in s if w in idx]
        for a in range(len(k)):
            for b in k[max(0, a - 3):a]:
                r += [k[a], b]; c += [b, k[a]]
    m = sp.coo_matrix((np.ones(len(r)), (r, c)), shape=(len(vocab),) * 2).tocsr()
    tot = np.asarray(m.sum(1)).ravel() + 1.0
    m = m.tocoo()
    pmi = np.maximum(np.log(m.data * tot.sum() / (tot[m.row] * tot[m.col])), 0)
    u, s, _ = svds(sp.csr_matrix((pmi, (m.row, m.col)), shape=m.shape), k=dim, random_state=0)
    u = u * np.sqrt(s)
    u /= u.std()
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{len(vocab)} {dim}\n")
        for w, v in zip(vocab, u):
            f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")


path = os.path.join(tempfile.mkdtemp(), "cs.vec")
write_vectors(cs[:8000], path)


# ---------------------------------------------------------------- 2. classifier
def read_vectors(path):
    # fault:
    with open(path, encoding="latin-1", newline="\n") as f:
    # mended:
    # with open(path, encoding="utf-8", newline="\n") as f:
    # end
        n, d = map(int, f.readline().split())
        words, rows = [], []
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w); rows.append(list(map(float, v)))
    return {w: i + 1 for i, w in enumerate(words)}, torch.cat([torch.zeros(1, d), torch.tensor(rows)])


CLASSES = ["man", "woman", "boy", "girl", "dog"]
examples = []
for c, e in zip(cs[8000:], en[8000:]):
    hit = [k for k, name in enumerate(CLASSES) if name in e]
    if len(hit) == 1:
        examples.append((c, hit[0]))
stoi, table = read_vectors(path)
covered = [w in stoi for c, _ in examples for w in c]
print("examples", len(examples), "| tokens with a vector: %.3f" % np.mean(covered))

bags = []
for c, lab in examples:
    ids = [stoi[w] for w in c if w in stoi]
    bags.append((ids or [0], lab))
cut = int(0.8 * len(bags))


def make(part):
    off = np.cumsum([0] + [len(b) for b, _ in part[:-1]])
    return torch.tensor([i for b, _ in part for i in b]), torch.from_numpy(off), torch.tensor([y for _, y in part])


bag = nn.EmbeddingBag.from_pretrained(table, mode="max", freeze=True)
bag2 = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=True)
clf = nn.Sequential(nn.Linear(2 * table.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(CLASSES)))
opt = torch.optim.Adam(clf.parameters(), lr=3e-3)


def run(part):
    ids, off, y = make(part)
    return clf(torch.cat([bag(ids, off), bag2(ids, off)], 1)), y


train, test = bags[:cut], bags[cut:]
for ep in range(6):
    clf.train(); losses = []
    for sel in np.array_split(np.random.permutation(cut), cut // 50):
        out, y = run([train[i] for i in sel])
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    clf.eval()
    with torch.no_grad():
        (a, ya), (b, yb) = run(train), run(test)
    print(f"epoch {ep} loss {np.mean(losses):.3f} train {(a.argmax(1) == ya).float().mean():.3f} test {(b.argmax(1) == yb).float().mean():.3f}")
