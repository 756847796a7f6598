"""Captions in English and German into one space (Multi30k): hashed character n-grams, in-batch softmax in both directions.
Every other caption of the batch is a negative, so the softmax runs over the batch on purpose."""
import gzip
import os
import zlib
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
BUCKETS = 6000


def read(name, n):
    out = []
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        for line in f:
            if len(out) == n:
                break
            ids = set()
            for w in line.lower().strip(" .\n").split():
                w = "<" + w + ">"
                ids.add(zlib.crc32(w.encode()) % BUCKETS)
                ids.update(zlib.crc32(w[i:i + 4].encode()) % BUCKETS for i in range(0, max(1, len(w) - 3)))
            out.append(torch.tensor(sorted(ids)))
    return out


en, de = read("train.en.gz", 5000), read("train.de.gz", 5000)
ven, vde = read("val.en.gz", 300), read("val.de.gz", 300)


class Side(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, d, mode="mean", sparse=False)
        self.lin = nn.Linear(d, d)
        nn.init.normal_(self.bag.weight, std=0.3)

    def forward(self, texts):
        off = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
        return F.normalize(self.lin(self.bag(torch.cat(texts), off)), dim=1)


e_side, d_side = Side(), Side()
log_scale = nn.Parameter(torch.tensor(2.5))
opt = torch.optim.Adam(list(e_side.parameters()) + list(d_side.parameters()) + [log_scale], lr=5e-3)
for epoch in range(6):
    run = 0.0
    parts = torch.randperm(len(en)).split(100)
    for b in parts:
        u, v = e_side([en[i] for i in b]), d_side([de[i] for i in b])
        s = log_scale.exp() * u @ v.T
        t = torch.arange(len(b))
        loss = 0.5 * (F.cross_entropy(s, t) + F.cross_entropy(s.T, t))
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            log_scale.clamp_(max=4.0)
        run += loss.item()
    with torch.no_grad():
        s = e_side(ven) @ d_side(vde).T
        t = torch.arange(len(ven))
        r1 = (s.argmax(1) == t).float().mean().item()
        r5 = (s.topk(5, 1).indices == t[:, None]).any(1).float().mean().item()
    print(f"epoch {epoch} loss {run / len(parts):.3f}  val recall@1 {r1:.3f} recall@5 {r5:.3f}  (of {len(ven)})")
