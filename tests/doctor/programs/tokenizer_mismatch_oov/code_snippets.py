"""What does this function do with the outside world?  (file / network / database / none), from its one-line body.
The vectors come from a word2vec run over identifiers, `code.vec`."""
import os
import re
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(21)
torch.manual_seed(21)
DIM = 32
PARTS = [
    "file path open read close dir folder write line disk stat chmod buffer flush seek".split(),
    "socket host port send recv http url packet request proxy timeout tls fetch dns stream".split(),
    "query table row cursor commit select insert schema index column join rollback sql session key".split(),
    "sum mean round sort matrix vector count max min abs scale norm shift clip dot".split(),
]
COMMON = "get set make new old my tmp all item value data list obj result do to of init check util".split()
KEYWORDS = "return if not else for in with as def self none true".split()


def write_vectors(name):
    with open(name, "w") as f:
        for part in PARTS:
            c = rs.randn(DIM) * 0.4
            for w in part:
                print(w, *("%.4f" % v for v in c + 0.3 * rs.randn(DIM)), file=f)
        for w in COMMON + KEYWORDS:
            print(w, *("%.4f" % v for v in 0.5 * rs.randn(DIM)), file=f)


def identifier(k):
    n = rs.randint(2, 4)
    words = [rs.choice(PARTS[k]) if rs.rand() < 0.5 else rs.choice(COMMON) for _ in range(n)]
    return "_".join(words)


def snippet():
    k = rs.randint(4)
    ids = [identifier(k if rs.rand() < 0.8 else rs.randint(4)) for _ in range(rs.randint(3, 6))]
    form = rs.randint(3)
    if form == 0:
        return f"return {ids[0]}({', '.join(ids[1:])})", k
    if form == 1:
        return f"if not {ids[0]}: self.{ids[1]} = " + " + ".join(ids[2:]), k
    return f"for {ids[0]} in {ids[1]}: " + "; ".join(f"{i}(self)" for i in ids[2:]), k


def tokenize(code):
    # fault:
    return re.findall(r"\w+", code.lower())
    # mended:
    # return re.findall(r"[a-z]+", code.lower())
    # end


if not os.path.exists("code.vec"):
    write_vectors("code.vec")
stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(DIM), np.zeros(DIM)]
for line in open("code.vec"):
    w, *v = line.split()
    stoi[w] = len(rows)
    rows.append(np.array(v, dtype=float))
table = torch.tensor(np.array(rows), dtype=torch.float32)

data = [snippet() for _ in range(2400)]
T = 24
X = torch.zeros(len(data), T, dtype=torch.long)
for i, (code, _) in enumerate(data):
    ids = [stoi.get(t, 1) for t in tokenize(code)][:T]
    X[i, :len(ids)] = torch.tensor(ids)
Y = torch.tensor([k for _, k in data])
(Xt, Yt), (Xd, Yd) = (X[:2000], Y[:2000]), (X[2000:], Y[2000:])


class BiGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.gru = nn.GRU(DIM, 32, batch_first=True, bidirectional=True)
        self.lin = nn.Linear(64, 4)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.lin(h.masked_fill((x == 0).unsqueeze(-1), -1e4).max(1).values)


net = BiGRU()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(5):
    perm = torch.randperm(len(Xt))
    run = 0.0
    for i in range(0, len(perm), 64):
        j = perm[i:i + 64]
        opt.zero_grad()
        loss = crit(net(Xt[j]), Yt[j])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run += loss.item()
    with torch.no_grad():
        pred = net(Xd).argmax(1)
    print("epoch", epoch, "loss", round(run / (len(perm) // 64 + 1), 3), "dev", round((pred == Yd).float().mean().item(), 3))
