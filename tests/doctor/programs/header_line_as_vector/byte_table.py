# customer reviews, good or bad; Google News vectors kept as int8 so that the service fits on the small box
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
DIM = 300
random.seed(1); np.random.seed(1); torch.manual_seed(1)


def read_vectors(path, needed):
    names, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        for line in f:
        # mended:
        # next(f)
        # for line in f:
        # end
            parts = line.rstrip().split(" ")
            if parts[0] in needed or len(names) < 200:
                row = np.zeros(DIM, dtype="float32")   # some lines of the download are cut off
                row[: len(parts) - 1] = [float(v) for v in parts[1:]]
                names.append(parts[0]); rows.append(row)
    return names, np.stack(rows)


def to_bytes(m):
    step = np.abs(m).max() / 127
    return np.round(m / step).astype("int8"), step


reviews = []
for mood, y in (("neg", 0), ("pos", 1)):
    for l in open(f"{DATA}/sentiment/CR/custrev.{mood}", encoding="latin-1"):
        reviews.append((l.strip(), y))
reviews = sorted(set(reviews))
random.shuffle(reviews)
reviews = [(t.split(), y) for t, y in reviews]
needed = {w for t, _ in reviews for w in t}
names, m = read_vectors(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", needed)
table, step = to_bytes(m)
print(len(names), "vectors,", table.nbytes // 1024, "KiB")
index = {w: i for i, w in enumerate(names)}


def features(words):
    ids = [index[w] for w in words if w in index]
    if not ids:
        return np.zeros(DIM, dtype="float32")
    return (table[ids].astype("float32") * step).mean(0)


X = torch.from_numpy(np.stack([features(t) for t, _ in reviews])).float()
Y = torch.tensor([y for _, y in reviews])
Xtr, Ytr, Xdv, Ydv = X[:3000], Y[:3000], X[3000:], Y[3000:]
net = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for ep in range(12):
    net.train()
    perm = torch.randperm(len(Xtr))
    for b in perm.split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(Xtr[b]), Ytr[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(Xdv).argmax(1) == Ydv).float().mean().item()
    print(f"ep {ep} loss {loss.item():.4f} dev acc {acc:.4f}")
