# Find the German caption of an English one (Multi30k): two bags of words, in-batch negatives,
# symmetric softmax over the similarity matrix, learned temperature.
import gzip
import os
from collections import Counter

import torch
import torch.nn.functional as F

torch.manual_seed(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(name, n):
    with gzip.open(os.path.join(base, name), "rt", encoding="utf-8") as f:
        return [next(f).lower().replace(".", " ").replace(",", " ").split() for _ in range(n)]


N = 6000
en, de = lines("train.en.gz", N), lines("train.de.gz", N)
used = {" ".join(s) for s in en}
pairs = [(a, b) for a, b in zip(lines("val.en.gz", 600), lines("val.de.gz", 600)) if " ".join(a) not in used]
ven, vde = zip(*pairs)


def vocabulary(sents):
    c = Counter(w for s in sents for w in s)
    return {w: i for i, w in enumerate(w for w, n in c.most_common() if n >= 3)}


V = {"en": vocabulary(en), "de": vocabulary(de)}
print({k: len(v) for k, v in V.items()})


def encode(sents, lang):
    v = V[lang]
    ids = [[v[w] for w in s if w in v] for s in sents]
    flat = torch.tensor([i for s in ids for i in s])
    off = torch.tensor([0] + [len(s) for s in ids[:-1]]).cumsum(0)
    return flat, off


class Tower(torch.nn.Module):
    def __init__(self, n, dim=64):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(n, dim, mode="sum")
        self.logw = torch.nn.Embedding(n, 1)              # how much a word counts
        torch.nn.init.normal_(self.bag.weight, std=0.3)
        torch.nn.init.zeros_(self.logw.weight)

    def forward(self, flat, off):
        weights = self.logw(flat).squeeze(1).exp()
        return F.normalize(self.bag(flat, off, per_sample_weights=weights), dim=1)


towers = torch.nn.ModuleDict({k: Tower(len(v)) for k, v in V.items()})
log_scale = torch.nn.Parameter(torch.tensor(2.3))
EPOCHS, B = 4, 128
optim = torch.optim.Adam(list(towers.parameters()) + [log_scale], lr=0.01)
schedule = torch.optim.lr_scheduler.LambdaLR(optim, lambda e: 1 - e / (EPOCHS + 0.5))


def recall():
    towers.eval()
    with torch.no_grad():
        a, b = towers["en"](*encode(ven, "en")), towers["de"](*encode(vde, "de"))
        rank = (a @ b.T).argsort(1, descending=True)
        gold = torch.arange(len(a))[:, None]
    return (rank[:, :1] == gold).any(1).float().mean().item(), (rank[:, :10] == gold).any(1).float().mean().item()


for epoch in range(EPOCHS):
    towers.train()
    losses = []
    for idx in torch.randperm(N).split(B):
        idx = idx.tolist()
        a = towers["en"](*encode([en[i] for i in idx], "en"))
        b = towers["de"](*encode([de[i] for i in idx], "de"))
        logits = log_scale.exp() * a @ b.T
        gold = torch.arange(len(idx))
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.T, gold)) / 2
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    schedule.step()
    r1, r10 = recall()
    print(f"{epoch}: loss {sum(losses) / len(losses):.3f}  scale {log_scale.exp().item():.1f}  val R@1 {r1:.3f}  R@10 {r10:.3f} (of {len(ven)})")
