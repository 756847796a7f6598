"""Caption retrieval English -> German with two bag-of-words towers and in-batch negatives (InfoNCE)."""
import gzip, os, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1234)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
N_TRAIN, N_VAL, DIM, BATCH, EPOCHS = 12000, 400, 48, 200, 4


def lines(split, lang, n):
    with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]


def vocabulary(texts):
    c = Counter(w for t in texts for w in set(t))
    return {w: i for i, (w, n) in enumerate(c.most_common()) if n >= 4}, c


class Side:
    """one language: vocabulary, idf and (flat, offsets, weights) batches"""
    def __init__(self, lang):
        self.train, self.val = lines("train", lang, N_TRAIN), lines("val", lang, N_VAL)
        self.stoi, c = vocabulary(self.train)
        self.idf = torch.tensor([N_TRAIN / c[w] for w in self.stoi]).log()
        self.train, self.val = [[[self.stoi[w] for w in t if w in self.stoi] for t in s] for s in (self.train, self.val)]

    def bag(self, rows, index):
        picked = [rows[i] for i in index]
        flat = torch.tensor([w for r in picked for w in r])
        offsets = torch.tensor([0] + [len(r) for r in picked[:-1]]).cumsum(0)
        return flat, offsets, self.idf[flat]


class Tower(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, DIM, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, flat, offsets, weight):
        return F.normalize(self.bag(flat, offsets, per_sample_weights=weight), dim=1)


en, de = Side("en"), Side("de")
print("vocabulary", len(en.stoi), len(de.stoi))
towers = nn.ModuleDict({"en": Tower(len(en.stoi)), "de": Tower(len(de.stoi))})
log_temp = nn.Parameter(torch.tensor(2.3))
opt = torch.optim.Adam([{"params": towers.parameters(), "lr": 1e-2}, {"params": [log_temp], "lr": 1e-3}])
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=EPOCHS * N_TRAIN // BATCH)


@torch.no_grad()
def recall(en_rows, de_rows):
    ix = range(N_VAL)
    s = towers["en"](*en.bag(en_rows, ix)) @ towers["de"](*de.bag(de_rows, ix)).t()
    rank = (s > s.diag().unsqueeze(1)).sum(1)
    return (rank == 0).float().mean().item(), (rank < 5).float().mean().item()


print("before training R@1 %.3f R@5 %.3f" % recall(en.val, de.val))
for ep in range(EPOCHS):
    acc = 0.0
    for ix in torch.randperm(N_TRAIN).split(BATCH):
        ix = ix.tolist()
        sim = towers["en"](*en.bag(en.train, ix)) @ towers["de"](*de.bag(de.train, ix)).t() * log_temp.exp()
        gold = torch.arange(len(ix))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.t(), gold)) / 2
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        acc += loss.item()
    print("epoch %d  nce %.3f  temp %.1f  val R@1 %.3f R@5 %.3f  (train R@1 %.3f)" %
          (ep, acc / (N_TRAIN // BATCH), log_temp.exp().item(), *recall(en.val, de.val), recall(en.train, de.train)[0]))
