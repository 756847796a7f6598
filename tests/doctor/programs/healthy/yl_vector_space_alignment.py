"""Map Twitter-GloVe (25d) onto the leading directions of Wikipedia-GloVe (50d).

A plain linear map trained by SGD with cosine loss on 4000 shared words, judged by the nearest-neighbour rank of 1000 words
that were kept away.  The loss is minus the cosine, so it is negative all the way down.
"""
import gzip
import os
import numpy as np
import torch

np.random.seed(0)
torch.manual_seed(0)


def read_vectors(path, words=None):
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, *nums = line.rstrip("\n").split(" ")
            if (words is None or word in words) and word.isalpha():
                out[word] = np.asarray(nums, dtype=np.float32)
    return out


folder = os.path.join(os.environ["WORDFIT_DATA"], "vectors")
tgt = read_vectors(os.path.join(folder, "glove.6B.50d.top10361.txt.gz"))
src = read_vectors(os.path.join(folder, "glove.twitter.27B.25d.common11925.txt.gz"), tgt)
shared = sorted(set(src) & set(tgt))
np.random.shuffle(shared)
shared = shared[:6000]
S = np.stack([src[w] for w in shared])
T = np.stack([tgt[w] for w in shared])
test, train = slice(0, 1000), slice(1000, None)
S = (S - S[train].mean(0)) / S[train].std(0)
T = T - T[train].mean(0)
S, T = torch.from_numpy(S), torch.from_numpy(T)
T = torch.nn.functional.normalize(T, dim=1)

W = torch.zeros(25, 50, requires_grad=True)
with torch.no_grad():
    W.add_(torch.linalg.lstsq(S[1000:1300], T[1000:1300]).solution)   # warm start from a small seed lexicon
velocity = torch.zeros_like(W)
lr = 0.05


def cosine(x, t):
    y = x @ W
    return (y * t).sum(1) / y.norm(dim=1).clamp_min(1e-6)


def rank(x, t):
    with torch.no_grad():
        sims = torch.nn.functional.normalize(x @ W, dim=1) @ t.T
        r = (sims > sims.diagonal()[:, None]).sum(1)
        return r.float().median().item(), (r < 10).float().mean().item()


print("before: median rank %.0f of 1000, hits@10 %.3f" % rank(S[test], T[test]))
for epoch in range(12):
    tot = 0.0
    for idx in (1000 + torch.randperm(5000)).split(50):
        loss = -cosine(S[idx], T[idx]).mean()
        (g,) = torch.autograd.grad(loss, W)
        with torch.no_grad():
            velocity.mul_(0.9).add_(g)
            W -= lr * velocity
        tot += loss.item() * len(idx)
    lr *= 0.8
    with torch.no_grad():
        held = -cosine(S[test], T[test]).mean().item()
    m, h = rank(S[test], T[test])
    print("epoch %2d  loss %.4f  held-out loss %.4f  median rank %.0f  hits@10 %.3f" % (epoch, tot / 5000, held, m, h))
