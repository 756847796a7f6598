"""
Map word2vec (300d) into the GloVe space (50d) with a contrastive objective over in-batch negatives, so that
a word's image lies next to its own GloVe vector. Evaluated as retrieval over words that were never trained on.
"""
import gzip
import os

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
rng = np.random.RandomState(0)
VEC = os.path.join(os.environ["WORDFIT_DATA"], "vectors")


def load(path, header, only=None, limit=None):
    """-> dict word -> row number, matrix"""
    names, values = {}, []
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as f:
        if header:
            count, width = (int(v) for v in f.readline().split())
        for line in f:
            head, *tail = line.rstrip().split(" ")
            if only is not None and head not in only:
                continue
            names[head] = len(names)
            values.append(np.asarray(tail, dtype=np.float32))
            if limit and len(names) >= limit:
                break
    mat = np.stack(values)
    if header:
        assert mat.shape[1] == width
    return names, mat


glove, G = load(os.path.join(VEC, "glove.6B.50d.top10361.txt.gz"), header=False, limit=8000)
w2v, S = load(os.path.join(VEC, "word2vec.GoogleNews.300d.13598words.txt.gz"), header=True, only=glove)
common = [w for w in w2v if w.isalpha() and len(w) > 2]
rng.shuffle(common)
src = torch.from_numpy(S[[w2v[w] for w in common]])
tgt = torch.from_numpy(G[[glove[w] for w in common]])
n_dev = n_test = 500
cut = len(common) - n_dev - n_test
print(len(common), "shared words;", cut, "for training")


def center(m, ref):
    m = m - ref.mean(0)
    return m / m.norm(dim=1, keepdim=True)


src, tgt = center(src, src[:cut]), center(tgt, tgt[:cut])
parts = {"train": slice(0, 500), "dev": slice(cut, cut + n_dev), "test": slice(cut + n_dev, None)}

mapper = nn.Linear(300, 50, bias=False)
nn.init.orthogonal_(mapper.weight)
log_temp = nn.Parameter(torch.tensor(2.3))
opt = torch.optim.Adam([{"params": mapper.parameters(), "lr": 4e-3, "weight_decay": 1e-4},
                        {"params": [log_temp], "lr": 1e-2}])


def logits(a, b):
    a = nn.functional.normalize(mapper(a), dim=1)
    return log_temp.clamp(max=4.6).exp() * a @ b.T


@torch.no_grad()
def retrieval(which):
    s = parts[which]
    sim = logits(src[s], tgt[s])
    rank = (sim > sim.diag()[:, None]).sum(1)
    return (rank == 0).float().mean().item(), (rank < 10).float().mean().item(), (1 / (rank + 1.0)).mean().item()


print("start dev: P@1 %.3f P@10 %.3f MRR %.3f (500 candidates)" % retrieval("dev"))
for epoch in range(6):
    total, steps = 0.0, 0
    for idx in torch.randperm(cut).split(128):
        if len(idx) < 128:
            continue                                  # the number of negatives should not vary
        sim = logits(src[idx], tgt[idx])
        gold = torch.arange(len(idx))
        loss = (nn.functional.cross_entropy(sim, gold) + nn.functional.cross_entropy(sim.T, gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    opt.param_groups[0]["lr"] *= 0.7
    print("epoch %d loss %.3f scale %.1f  dev: P@1 %.3f P@10 %.3f MRR %.3f" % (epoch, total / steps, log_temp.exp().item(), *retrieval("dev")))
for k in ("train", "test"):
    print("%-5s P@1 %.3f P@10 %.3f MRR %.3f" % (k, *retrieval(k)))
