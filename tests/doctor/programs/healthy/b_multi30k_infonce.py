# English <-> German caption matching, in-batch negatives both ways (CLIP style), two bag-of-words towers
import gzip, os, re, math, random
from collections import Counter
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0); random.seed(0)
d = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")


def read(name, n=None):
    with gzip.open(os.path.join(d, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", l.lower()) for l in f][:n]


tr = {k: read(f"train.{k}.gz", 14000) for k in ("en", "de")}
va = {k: read(f"val.{k}.gz", 1000) for k in ("en", "de")}
vocab = {k: {w: i for i, (w, c) in enumerate(Counter(w for s in tr[k] for w in s).most_common(1000))} for k in tr}


class Tower(nn.Module):
    def __init__(self, v, d=64):
        super().__init__()
        self.v = v
        self.bag = nn.EmbeddingBag(len(v), d, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, sents):
        ids = [[self.v[w] for w in s if w in self.v and not (self.training and random.random() < 0.4)] or [0] for s in sents]
        off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return F.normalize(self.bag(torch.tensor([j for i in ids for j in i]), off), dim=1)


en, de = Tower(vocab["en"]), Tower(vocab["de"])
log_t = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([{"params": [*en.parameters(), *de.parameters()], "lr": 3e-3}, {"params": [log_t], "lr": 1e-2}])


@torch.no_grad()
def recall_at_1(sides, n=500):
    en.eval(); de.eval()
    sim = en(sides["en"][:n]) @ de(sides["de"][:n]).T
    gold = torch.arange(n)
    return [(sim.argmax(a) == gold).float().mean().item() for a in (1, 0)]


sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 2)
for ep in range(2):
    en.train(); de.train()
    tot = n = 0
    for ix in torch.randperm(14000).split(100):
        ix = ix.tolist()
        sim = en([tr["en"][i] for i in ix]) @ de([tr["de"][i] for i in ix]).T * log_t.clamp(max=math.log(50)).exp()
        gold = torch.arange(len(ix))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    sched.step()
    print(f"epoch {ep} loss {tot / n:.3f} scale {log_t.exp().item():.1f} R@1 of 500: train %.3f %.3f  val %.3f %.3f" % (*recall_at_1(tr), *recall_at_1(va)))
