# Linear probes on frozen embeddings: how much of the relation type of a word pair is in the offset b - a?
# Structural question, so the vectors must not move; the probe is one affine map fitted with L-BFGS.
import gzip
import os
from pathlib import Path
import torch

torch.manual_seed(30)
root = Path(os.environ["WORDFIT_DATA"])

words, rows = [], []
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        words.append(w)
        rows.append([float(t) for t in v])
index = {w: i for i, w in enumerate(words)}
lookup = torch.nn.Embedding.from_pretrained(torch.tensor(rows), freeze=True)

by_rel, rel = {}, None
for line in (root / "wordsim/analogy/questions-words.txt").read_text().splitlines():
    if line.startswith(":"):
        rel = line[2:].replace("capital-world", "capital-common-countries")
        by_rel.setdefault(rel, set())
        continue
    q = line.lower().split()
    for pair in (tuple(q[:2]), tuple(q[2:])):
        if pair[0] in index and pair[1] in index:
            by_rel[rel].add(pair)
by_rel = {r: sorted(p) for r, p in by_rel.items() if len(p) >= 20}
names = sorted(by_rel)
data = [(index[a], index[b], k) for k, r in enumerate(names) for a, b in by_rel[r]]
perm = torch.randperm(len(data)).tolist()
cut = int(.75 * len(data))
tr = torch.tensor([data[i] for i in perm[:cut]])
te = torch.tensor([data[i] for i in perm[cut:]])
print(len(names), "relations,", len(tr), "train pairs,", len(te), "test pairs")


def offsets(t):
    d = lookup(t[:, 1]) - lookup(t[:, 0])
    return d


probe = torch.nn.Linear(50, len(names))
torch.nn.init.zeros_(probe.weight)
torch.nn.init.zeros_(probe.bias)
optimizer = torch.optim.LBFGS(probe.parameters(), lr=1, max_iter=4, history_size=8, line_search_fn="strong_wolfe")
L2 = 5e-3


def closure():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(probe(offsets(tr)), tr[:, 2]) + L2 * probe.weight.pow(2).sum()
    loss.backward()
    return loss


def acc(t):
    with torch.no_grad():
        return (probe(offsets(t)).argmax(1) == t[:, 2]).float().mean().item()


for rnd in range(10):
    value = optimizer.step(closure)
    print(f"round {rnd}: objective {value.item():.4f}  train {acc(tr):.3f}  test {acc(te):.3f}")

majority = torch.bincount(tr[:, 2]).argmax()
print(f"majority class {(te[:, 2] == majority).float().mean():.3f}")
with torch.no_grad():
    p = probe(offsets(te)).argmax(1)
for k, r in enumerate(names):
    m = te[:, 2] == k
    print(f"   {r:32s} {int(m.sum()):3d} {(p[m] == k).float().mean():.2f}")
