"""Two-tower retrieval, German caption -> English caption (Multi30k). In-batch negatives: the classes of the loss are the rows of the batch."""
import gzip, os, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(77)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")
tok = re.compile(r"\w+").findall


def lines(name):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        return [tok(l.lower()) for l in f]


pairs = list(zip(lines("train.de.gz"), lines("train.en.gz")))[:9000]
dev = list(zip(lines("val.de.gz"), lines("val.en.gz")))[:500]
vocabs = []
for side in (0, 1):
    c = Counter(w for p in pairs for w in p[side])
    vocabs.append({w: i + 1 for i, (w, n) in enumerate(c.most_common()) if n >= 3})


def bag(texts, vocab):
    ids = [[vocab[w] for w in t if w in vocab] or [0] for t in texts]      # row 0 stands for "no known word"
    off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor([j for i in ids for j in i]), off


class Tower(nn.Module):
    def __init__(self, n, d=96):
        super().__init__()
        self.bag = nn.EmbeddingBag(n + 1, d, mode="mean")
        self.drop = nn.Dropout(0.1)

    def forward(self, idx, off):
        return F.normalize(self.drop(self.bag(idx, off)), dim=-1)


de, en = Tower(len(vocabs[0])), Tower(len(vocabs[1]))
log_t = nn.Parameter(torch.tensor(2.3))
opt = torch.optim.Adam([{"params": [*de.parameters(), *en.parameters()], "lr": 1e-2}, {"params": [log_t], "lr": 1e-3}])
BS = 128
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7 * (len(pairs) // BS))
for epoch in range(7):
    de.train(); en.train()
    tot = n = 0
    perm = torch.randperm(len(pairs)).tolist()
    for i in range(0, len(perm) - BS + 1, BS):
        b = [pairs[j] for j in perm[i:i + BS]]
        a, c = de(*bag([p[0] for p in b], vocabs[0])), en(*bag([p[1] for p in b], vocabs[1]))
        sim = a @ c.T * log_t.exp()
        tgt = torch.arange(BS)
        loss = (F.cross_entropy(sim, tgt) + F.cross_entropy(sim.T, tgt)) / 2
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += loss.item(); n += 1
    de.eval(); en.eval()
    with torch.no_grad():
        s = de(*bag([p[0] for p in dev], vocabs[0])) @ en(*bag([p[1] for p in dev], vocabs[1])).T
        rank = (s > s.diagonal()[:, None]).sum(1)
    print(f"epoch {epoch} nce {tot / n:.4f} scale {log_t.exp():.1f} dev R@1 {(rank == 0).float().mean():.3f} R@5 {(rank < 5).float().mean():.3f} of 500")
