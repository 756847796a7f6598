# Linear-ish probe on frozen GloVe vectors: is a phrase from a film review kind or not?
import os, gzip, random
from pathlib import Path
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = Path(os.environ["WORDFIT_DATA"])
SEED = 5
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)


class Pieces:
    """Whitespace pre-tokeniser in the manner of SentencePiece; long words are cut in two."""
    mark = "\u2581"

    def __init__(self, longest=12):
        self.longest = longest

    def __call__(self, text):
        out = []
        for w in text.lower().split():
            head, tail = w[:self.longest], w[self.longest:]
            out.append(self.mark + head)
            if tail:
                out.append(tail)
        return out


class VectorTable:
    def __init__(self, path):
        self.index, mat = {"<unk>": 0}, [np.zeros(50, dtype=np.float32)]
        with gzip.open(path, "rt", encoding="utf8") as fh:
            for line in fh:
                w, *v = line.rstrip().split(" ")
                self.index[w] = len(mat)
                mat.append(np.asarray(v, dtype=np.float32))
        self.matrix = torch.from_numpy(np.stack(mat))

    def ids(self, tokens):
        # fault:
        return [self.index.get(t, 0) for t in tokens]
        # mended:
        # return [self.index.get(t.lstrip(Pieces.mark), 0) for t in tokens]
        # end


def read(path, lo, limit=None):
    rows = []
    for line in path.read_text(encoding="utf8").splitlines()[1:]:
        text, y = line.rsplit("\t", 1)
        if len(text.split()) >= lo:
            rows.append((text, int(y)))
    random.shuffle(rows)
    return rows[:limit]


table = VectorTable(DATA / "vectors/glove.6B.50d.top10361.txt.gz")
tok = Pieces()
train = read(DATA / "glue/SST-2/train.tsv", 8, 6000)
dev = read(DATA / "glue/SST-2/dev.tsv", 3)
print("e.g.", tok(train[0][0])[:8], train[0][1])


@torch.no_grad()
def featurise(rows):
    """mean and max of the known words' vectors, computed once since the table stays as it is"""
    feats = []
    for text, _ in rows:
        i = [k for k in table.ids(tok(text)) if k != 0]
        if not i:
            feats.append(torch.zeros(100)); continue
        v = table.matrix[i]
        feats.append(torch.cat([v.mean(0), v.amax(0)]))
    return torch.stack(feats), torch.tensor([float(y) for _, y in rows])


Xtr, ytr = featurise(train)
Xdv, ydv = featurise(dev)
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-3
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd


class Probe(nn.Module):
    def __init__(self, d=100, h=32):
        super().__init__()
        self.a, self.b = nn.Linear(d, h), nn.Linear(h, 1)

    def forward(self, x):
        return self.b(F.dropout(torch.tanh(self.a(x)), .3, self.training)).squeeze(1)


net = Probe()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
for ep in range(8):
    net.train()
    run = 0.
    for idx in torch.randperm(len(Xtr)).split(64):
        loss = F.binary_cross_entropy_with_logits(net(Xtr[idx]), ytr[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        run += loss.item() * len(idx)
    sched.step()
    net.eval()
    with torch.inference_mode():
        tr = ((net(Xtr) > 0) == (ytr > .5)).float().mean().item()
        dv = ((net(Xdv) > 0) == (ydv > .5)).float().mean().item()
    print(f"ep {ep}: bce {run / len(Xtr):.4f} | train {tr:.3f} | dev {dv:.3f}")
