"""Sentence retrieval across languages with two bag-of-words towers and in-batch negatives (InfoNCE, learned temperature)."""
import gzip, math, os, random, re
from collections import Counter
import torch
from torch import nn
import torch.nn.functional as F

random.seed(17); torch.manual_seed(17)
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")
tok = lambda s: re.findall(r"\w+", s.lower())


def load(split, n):
    sides = []
    for lang in ("en", "fr"):
        with gzip.open(f"{root}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            sides.append([tok(l) for _, l in zip(range(n), f)])
    return list(zip(*sides))


train, valid = load("train", 14000), load("val", 500)
lex = []
for side in (0, 1):
    c = Counter(w for p in train for w in p[side])
    lex.append({w: k for k, (w, n) in enumerate(c.most_common()) if n > 2})


def bags(sents, side):
    ids = [[lex[side][w] for w in s if w in lex[side]] for s in sents]
    offs, flat = [], []
    for i in ids:
        offs.append(len(flat)); flat += i
    return torch.tensor(flat), torch.tensor(offs)


class Towers(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.en = nn.EmbeddingBag(len(lex[0]), dim, mode="mean")
        self.fr = nn.EmbeddingBag(len(lex[1]), dim, mode="mean")
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(self, batch):
        e = F.normalize(self.en(*bags([p[0] for p in batch], 0)), dim=-1)
        f = F.normalize(self.fr(*bags([p[1] for p in batch], 1)), dim=-1)
        return e, f


net = Towers()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)


def recall(rows):
    net.eval()
    with torch.no_grad():
        e, f = net(rows)
    r = (e @ f.T).argmax(1)
    net.train()
    return (r == torch.arange(len(rows))).float().mean().item()


print(f"recall@1 untrained {recall(valid):.3f}  (1/500 by chance)")
for ep in range(4):
    random.shuffle(train)
    tot, n = 0.0, 0
    for k in range(0, len(train) - 99, 100):
        e, f = net(train[k:k + 100])
        sim = net.log_scale.exp().clamp(max=50) * e @ f.T
        labels = torch.arange(len(sim))
        loss = (F.cross_entropy(sim, labels) + F.cross_entropy(sim.T, labels)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    decay.step()
    print(f"epoch {ep + 1}  nce {tot / n:.3f}  scale {net.log_scale.exp().item():.1f}  R@1 train-500 {recall(train[:500]):.3f}  R@1 valid-500 {recall(valid):.3f}")
