"""Find the paraphrase of a news sentence among all others: two towers on top of fixed word2vec vectors,
trained with the other rows of the batch as negatives (MSR paraphrase corpus)."""
import gzip, math, os, re
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rng = torch.Generator().manual_seed(3)
torch.manual_seed(3)
HOME = os.environ["WORDFIT_DATA"]


def pairs(which):
    out = {}
    with open(f"{HOME}/glue/MRPC/msr_paraphrase_{which}.txt", encoding="utf-8-sig") as fh:
        next(fh)
        for line in fh:
            q, _, _, a, b = line.rstrip("\n").split("\t")
            if q == "1":
                out[a] = b                     # one partner for each sentence
    return list(out.items())


words = lambda s: re.findall(r"[A-Za-z]+", s)
tr, te = pairs("train"), pairs("test")
te = te[:500]
need = {w for p in tr + te for s in p for w in words(s)}
rows, pos = [], {}
with gzip.open(f"{HOME}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as fh:
    next(fh)
    for line in fh:
        w, v = line.split(" ", 1)
        if w in need:
            pos[w] = len(rows)
            rows.append(np.fromstring(v, dtype=np.float32, sep=" "))
V = torch.from_numpy(np.array(rows))


def embed(sents):
    res = []
    for s in sents:
        k = [pos[w] for w in words(s) if w in pos]
        res.append(V[k].mean(0) if k else torch.zeros(300))
    return F.normalize(torch.stack(res), dim=1)


A, B = embed([a for a, _ in tr]), embed([b for _, b in tr])
Ate, Bte = embed([a for a, _ in te]), embed([b for _, b in te])


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(300, 64, bias=False)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        return F.normalize(self.lin(self.drop(x)), dim=-1)


tower = Tower()                                # both sides share it
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([{"params": tower.parameters()}, {"params": [log_scale], "lr": 1e-2}], lr=2e-3)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)


@torch.no_grad()
def recall_at_1(a, b):
    tower.eval()
    hit = (tower(a) @ tower(b).T).argmax(1) == torch.arange(len(a))
    tower.train()
    return hit.float().mean().item()


print(f"before: R@1 train {recall_at_1(A[:500], B[:500]):.3f} test {recall_at_1(Ate, Bte):.3f}")
for ep in range(8):
    tot = 0
    chunks = torch.randperm(len(A), generator=rng).split(256)
    for ix in chunks:
        sim = tower(A[ix]) @ tower(B[ix]).T * log_scale.exp().clamp(max=60)
        target = torch.arange(len(ix))
        loss = (F.cross_entropy(sim, target) + F.cross_entropy(sim.T, target)) / 2
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        tot += loss.item() / len(chunks)
    sch.step()
    print(f"epoch {ep}: nce {tot:.3f} scale {log_scale.exp().item():.1f} R@1 train(500) {recall_at_1(A[:500], B[:500]):.3f} test(500) {recall_at_1(Ate, Bte):.3f}")
