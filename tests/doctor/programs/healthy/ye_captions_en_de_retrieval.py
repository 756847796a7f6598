"""Dual encoder for caption retrieval across languages: English query, German candidates (Multi30k)."""
import gzip, os, re, collections
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
N_TRAIN, N_TEST, DIM = 7500, 400, 64

def load(part, lang, n):
    with gzip.open(f"{root}/{part}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]

class Side:
    """vocabulary + flat batches for nn.EmbeddingBag"""
    def __init__(self, sents):
        c = collections.Counter(w for s in sents for w in set(s))
        top = [w for w, n in c.items() if n > 2]
        self.ix = {w: i for i, w in enumerate(top)}
        df = torch.tensor([float(c[w]) for w in top])
        self.idf = (len(sents) / df).log()
    def flat(self, sents):
        rows = [[self.ix[w] for w in s if w in self.ix] for s in sents]
        ids = torch.tensor([i for r in rows for i in r])
        off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return ids, off, self.idf[ids]

class Tower(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, DIM, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = 0.3
    def forward(self, ids, off, w):
        if self.training:                       # word dropout, rescaled
            w = w * (torch.rand_like(w) > self.drop) / (1 - self.drop)
        return F.normalize(self.bag(ids, off, per_sample_weights=w), dim=-1)

en, de = load("train", "en", N_TRAIN), load("train", "de", N_TRAIN)
ten, tde = load("test_2016_flickr", "en", N_TEST), load("test_2016_flickr", "de", N_TEST)
ven, vde = Side(en), Side(de)
f, g = Tower(len(ven.ix)), Tower(len(vde.ix))
scale = nn.Parameter(torch.tensor(2.5))
opt = torch.optim.Adam([*f.parameters(), *g.parameters(), scale], lr=4e-3)
EPOCHS, BS = 5, 150
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=EPOCHS * (N_TRAIN // BS))

@torch.no_grad()
def recall(a, b):
    f.eval(); g.eval()
    sim = f(*ven.flat(a)) @ g(*vde.flat(b)).T
    rank = (sim > sim.diagonal()[:, None]).sum(1)
    return [(rank < k).float().mean().item() for k in (1, 5, 10)]

for ep in range(EPOCHS):
    f.train(); g.train()
    perm = torch.randperm(N_TRAIN).tolist()
    run = 0.
    for s in range(0, N_TRAIN, BS):
        b = perm[s:s + BS]
        u, v = f(*ven.flat([en[i] for i in b])), g(*vde.flat([de[i] for i in b]))
        logits = scale.exp().clamp(max=50) * u @ v.T
        y = torch.arange(len(b))
        loss = (F.cross_entropy(logits, y) + F.cross_entropy(logits.T, y)) / 2
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        run += loss.item()
    print("epoch %d  InfoNCE %.3f  scale %.1f  | train R@1 %.3f | test R@1 %.3f R@5 %.3f R@10 %.3f" % (
        ep + 1, run / (N_TRAIN // BS), scale.item(), recall(en[:400], de[:400])[0], *recall(ten, tde)))
