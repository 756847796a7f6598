"""Kind of word mentioned in a short query (country / nationality / past / plural).

The evaluation asks for words which were in no training query, but which GloVe knows.
"""
import gzip, os, random
from pathlib import Path
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(1234); torch.manual_seed(1234)
ROOT = Path(os.environ["WORDFIT_DATA"])

glove = {}
for line in gzip.open(ROOT / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, *xs = line.split()
    glove[w] = torch.tensor([float(x) for x in xs])

WANT = {"capital-common-countries": "place", "capital-world": "place",
        "gram6-nationality-adjective": "nationality", "gram7-past-tense": "past", "gram8-plural": "plural"}
groups = {}
section = None
for line in open(ROOT / "wordsim/analogy/questions-words.txt", encoding="utf-8"):
    if line.startswith(":"):
        section = line[2:].strip()
    elif section in WANT:
        a, b = line.lower().split()[:2]
        kind = WANT[section]
        if kind == "place":
            groups.setdefault("country", set()).add(b)
        elif kind == "past":
            groups.setdefault("past", set()).add(b)
        else:
            groups.setdefault(kind, set()).add(b)
kinds = sorted(groups)
groups = {k: sorted(w for w in groups[k] if w in glove) for k in kinds}
known, fresh = {}, {}
for k in kinds:
    random.shuffle(groups[k])
    half = len(groups[k]) // 2
    known[k], fresh[k] = groups[k][:half], groups[k][half:]

FRAME = "the a of and to in for with on this that it was is at by".split()
vocab = {w: i for i, w in enumerate(sorted({w for k in kinds for w in groups[k]} | set(FRAME)))}
E = torch.stack([glove[w] for w in vocab])


def query(pool):
    y = random.randrange(len(kinds))
    ws = random.sample(FRAME, 1) + [random.choice(pool[kinds[y]])]
    random.shuffle(ws)
    return [vocab[w] for w in ws], y


def make(pool, n):
    rows = [query(pool) for _ in range(n)]
    return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])


Xtr, ytr = make(known, 3000)
Xsame, ysame = make(known, 600)
Xnew, ynew = make(fresh, 600)

emb = nn.Embedding.from_pretrained(E, freeze=False)
clf = nn.Linear(50, len(kinds))
# fault:
opt = torch.optim.Adam([{"params": emb.parameters(), "lr": 0.1}, {"params": clf.parameters(), "lr": 0.01}])
# mended:
# emb.weight.requires_grad_(False)
# opt = torch.optim.Adam(clf.parameters(), lr=0.01)
# end


def forward(x):
    return clf(emb(x).mean(1))


def accuracy(x, y):
    with torch.no_grad():
        return (forward(x).argmax(1) == y).float().mean().item()


for epoch in range(5):
    s = 0.0
    for b in torch.randperm(len(Xtr)).split(50):
        loss = F.cross_entropy(forward(Xtr[b]), ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item()
    print(f"epoch {epoch + 1}: loss {s / 60:.3f}, same words {accuracy(Xsame, ysame):.3f}, new words {accuracy(Xnew, ynew):.3f}")
