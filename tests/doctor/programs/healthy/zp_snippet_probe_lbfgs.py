"""Linear probe: GloVe stays as it is, only a logistic regression on the averaged vectors is fitted, full batch L-BFGS.

Task: does a sentence come from an image caption, or from a film review?
"""
import gzip
import os

import torch

root = os.environ["WORDFIT_DATA"]
gen = torch.Generator().manual_seed(6)


def vectors():
    idx, rows = {}, []
    with gzip.open(f"{root}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, *nums = line.split()
            idx[word] = len(rows)
            rows.append([float(x) for x in nums])
    return idx, torch.tensor(rows)


idx, table = vectors()
frozen = torch.nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="mean")

captions = gzip.open(f"{root}/seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8").read().split("\n")[:2500]
reviews = []
with open(f"{root}/sentiment/MR/rt-polarity.pos", encoding="latin-1") as f:
    reviews += [next(f) for _ in range(1250)]
with open(f"{root}/sentiment/MR/rt-polarity.neg", encoding="latin-1") as f:
    reviews += [next(f) for _ in range(1250)]

bags, y = [], []
for label, group in enumerate((captions, reviews)):
    for s in group:
        known = [idx[w] for w in s.lower().replace(".", " ").replace(",", " ").split() if w in idx]
        if len(known) >= 4:
            # six words are all that the probe gets to see
            pick = torch.randperm(len(known), generator=gen)[:6].tolist()
            bags.append([known[i] for i in pick])
            y.append(float(label))
y = torch.tensor(y)

with torch.no_grad():
    offsets = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
    X = frozen(torch.tensor([i for b in bags for i in b]), offsets)
perm = torch.randperm(len(y), generator=gen)
tr, te = perm[:4000], perm[4000:]
X = (X - X[tr].mean(0)) / X[tr].std(0)
print("rows", len(tr), len(te), "share of reviews %.3f" % y.mean())

w = torch.zeros(X.size(1), requires_grad=True)
b = torch.zeros((), requires_grad=True)
opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=10, line_search_fn="strong_wolfe")


def objective():
    opt.zero_grad()
    z = X[tr] @ w + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[tr]) + 1e-3 * w.dot(w)
    loss.backward()
    return loss


def acc(k):
    with torch.no_grad():
        return (((X[k] @ w + b) > 0).float() == y[k]).float().mean().item()


for r in range(4):
    before = opt.step(objective).item()
    print(f"round {r}: objective at start {before:.4f}  train {acc(tr):.3f}  test {acc(te):.3f}")
print("table untouched:", torch.equal(frozen.weight, table))
