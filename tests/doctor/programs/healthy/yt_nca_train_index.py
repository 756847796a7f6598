import gzip
import os
import random

import torch

"""Neighbourhood components analysis: learn a linear map of mean word vectors, such that a training sentence finds
neighbours of its own class among the OTHER training sentences. The training set is the index at test time."""

BASE = os.environ["WORDFIT_DATA"]
rng = random.Random(17)
torch.manual_seed(17)


def load_vectors():
    table = {}
    with gzip.open(f"{BASE}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf8") as f:
        for line in f:
            parts = line.rstrip("\n").split(" ")
            if len(parts) == 26:
                table[parts[0]] = torch.tensor([float(p) for p in parts[1:]])
    return table




def films_and_co():
    with open(f"{BASE}/sentiment/CR/custrev.pos", encoding="utf8") as f:
        yield from (("product", r.lower().split()) for r in f)
    with open(f"{BASE}/sentiment/MR/rt-polarity.pos", encoding="latin-1") as f:
        yield from (("film", r.lower().split()) for r in f)
    with open(f"{BASE}/glue/SNLI/train_subset8999.tsv", encoding="utf8") as f:
        next(f)
        yield from (("caption", r.split("\t")[1].lower().rstrip(".").split()) for r in f)
    with open(f"{BASE}/glue/QNLI/train_subset8999.tsv", encoding="utf8") as f:
        next(f)
        yield from (("question", r.split("\t")[1].lower().rstrip("?").split()) for r in f)


vectors = load_vectors()
names = ["product", "film", "caption", "question"]
pools = {n: {} for n in names}
for name, toks in films_and_co():
    known = [vectors[t] for t in toks if t in vectors]
    if len(known) >= 4 and len(pools[name]) < 600:
        pools[name].setdefault(" ".join(toks), torch.stack(known).mean(0))
rows = [(x, names.index(n)) for n in names for x in pools[n].values()]
rng.shuffle(rows)
X = torch.stack([r[0] for r in rows])
y = torch.tensor([r[1] for r in rows])
cut = int(.75 * len(rows))
index, index_y, probe, probe_y = X[:cut], y[:cut], X[cut:], y[cut:]

A = torch.nn.Parameter(torch.randn(25, 12) / 5)
optimizer = torch.optim.Adam([A], lr=0.03)


def knn(queries, k=9):
    with torch.no_grad():
        near = torch.cdist(queries @ A, index @ A).topk(k, largest=False).indices
        return torch.mode(index_y[near], 1).values


print(f"index {len(index)} rows, probe {len(probe)} rows, accuracy of the start {(knn(probe) == probe_y).float().mean():.3f}")
for epoch in range(6):
    total = 0.0
    for anchors in torch.randperm(cut).split(150):
        sims = -torch.cdist(index[anchors] @ A, index @ A).pow(2)
        sims[torch.arange(len(anchors)), anchors] = float("-inf")        # a sentence is no neighbour of itself
        p = sims.softmax(1)
        same = (index_y[anchors][:, None] == index_y[None]).float()
        loss = -(p * same).sum(1).clamp_min(1e-6).log().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(anchors)
    print(f"epoch {epoch}: nca loss {total / cut:.4f}  probe accuracy (9-nn) {(knn(probe) == probe_y).float().mean():.3f}")
