"""Where does a snippet of ten words come from: newswire, film review, or photo caption?

GloVe is looked up once, stays as it is, and only a linear layer is fitted.
"""
import gzip, os, re
import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(1)
rng = np.random.default_rng(1)


def first_lines(path, n):
    with gzip.open(os.path.join(DATA, path), "rt", encoding="utf-8") as f:
        return [f.readline() for _ in range(n)]


def snippets(lines, size=10):
    words = [re.findall(r"[a-z]+", l.lower()) for l in lines]
    return list(dict.fromkeys(tuple(w[:size]) for w in words if len(w) >= size))      # newswire repeats itself


captions = first_lines("seq2seq/multi30k/train.en.gz", 1500)
reviews = open(os.path.join(DATA, "sentiment/MR/rt-polarity.pos"), encoding="latin-1").readlines()[:1500]
news = first_lines("corpora/reuters-21578-bodies.txt.gz", 4000)
sources = [snippets(news)[:900], snippets(reviews)[:900], snippets(captions)[:900]]
print("rows per source", [len(s) for s in sources])
rows = [(ws, y) for y, s in enumerate(sources) for ws in s]
rng.shuffle(order := np.arange(len(rows)))
rows = [rows[i] for i in order]

wanted = {w for ws, _ in rows for w in ws}
table, ids = [], {}
for line in first_lines("vectors/glove.6B.50d.top10361.txt.gz", 10361):
    word, _, rest = line.partition(" ")
    if word in wanted:
        ids[word] = len(table)
        table.append(np.fromstring(rest, dtype=np.float32, sep=" "))
vectors = nn.Embedding.from_pretrained(torch.from_numpy(np.stack(table)))      # not trained
print(f"{len(table)} vectors for {len(wanted)} words")


@torch.no_grad()
def represent(ws):
    known = [ids[w] for w in ws if w in ids]
    return vectors(torch.tensor(known)).mean(0) if known else torch.zeros(50)


X = torch.stack([represent(ws) for ws, _ in rows])
y = torch.tensor([c for _, c in rows])
cut = len(X) - 500
Xtr, ytr, Xte, yte = X[:cut], y[:cut], X[cut:], y[cut:]

layer = nn.Linear(50, 3)
opt = torch.optim.SGD(layer.parameters(), lr=0.2, momentum=0.9, weight_decay=1e-4)
for epoch in range(8):
    for g in opt.param_groups:
        g["lr"] = 0.2 / (1 + epoch)
    for b in torch.randperm(cut).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(layer(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        tr = (layer(Xtr).argmax(1) == ytr).float().mean().item()
        te = (layer(Xte).argmax(1) == yte).float().mean().item()
        full = nn.functional.cross_entropy(layer(Xtr), ytr).item()
    print(f"{epoch}  loss {full:.4f}  train {tr:.3f}  held-out {te:.3f}")
