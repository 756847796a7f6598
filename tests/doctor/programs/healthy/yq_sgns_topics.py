# skip-gram with negative sampling on a made-up topical corpus; two raw tables, SparseAdam, alias-free unigram sampler
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(42)
torch.manual_seed(42)

N_TOPICS, PER_TOPIC, N_FUNC, DIM, WINDOW, K = 8, 20, 12, 24, 3, 5
V = N_TOPICS * PER_TOPIC + N_FUNC
topic_of = np.r_[np.repeat(np.arange(N_TOPICS), PER_TOPIC), -np.ones(N_FUNC, int)]


def sentence():
    t = rng.integers(N_TOPICS)
    n = rng.integers(8, 15)
    content = t * PER_TOPIC + rng.integers(PER_TOPIC, size=n)
    func = N_TOPICS * PER_TOPIC + rng.integers(N_FUNC, size=n)
    return np.where(rng.random(n) < 0.7, content, func)


def pairs(sents):
    c, o = [], []
    for s in sents:
        for d in range(1, WINDOW + 1):
            c += [s[:-d], s[d:]]
            o += [s[d:], s[:-d]]
    return np.concatenate(c), np.concatenate(o)


corpus = [sentence() for _ in range(2400)]
c_tr, o_tr = pairs(corpus[:2000])
c_dv, o_dv = pairs(corpus[2000:])
freq = np.bincount(np.concatenate(corpus[:2000]), minlength=V).astype(float) ** 0.75
noise = torch.from_numpy(freq / freq.sum())

inp = torch.nn.Parameter((torch.rand(V, DIM) - 0.5) / DIM)
out = torch.nn.Parameter(torch.zeros(V, DIM))      # as in word2vec.c
opt = torch.optim.SparseAdam([inp, out], lr=0.02)


def sgns(c, o, sparse):
    neg = torch.multinomial(noise, len(c) * K, replacement=True).view(len(c), K)
    vc = F.embedding(c, inp, sparse=sparse)
    vo = F.embedding(o, out, sparse=sparse)
    vn = F.embedding(neg, out, sparse=sparse)
    pos = F.logsigmoid((vc * vo).sum(-1))
    bad = F.logsigmoid(-torch.einsum("bd,bkd->bk", vc, vn)).sum(-1)
    return -(pos + bad).mean()


def purity(k=5):
    """share of the k nearest neighbours of a content word that are of its own topic"""
    e = F.normalize(inp.detach()[topic_of >= 0], dim=1)
    sim = e @ e.T
    sim.fill_diagonal_(-2)
    near = sim.topk(k, dim=1).indices.numpy()
    t = topic_of[topic_of >= 0]
    return (t[near] == t[:, None]).mean()


def heldout():
    with torch.no_grad():
        torch.manual_seed(1)
        return sgns(torch.from_numpy(c_dv), torch.from_numpy(o_dv), False).item()


print("pairs", len(c_tr), "start: held-out %.4f  purity %.3f (chance %.3f)" % (heldout(), purity(), 1 / N_TOPICS))
for epoch in range(4):
    for g in opt.param_groups:
        g["lr"] = 0.02 * (1 - epoch / 4)
    order = rng.permutation(len(c_tr))
    acc = 0.0
    for i in range(0, len(order), 512):
        j = order[i:i + 512]
        loss = sgns(torch.from_numpy(c_tr[j]), torch.from_numpy(o_tr[j]), True)
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc += loss.item() * len(j)
    print("epoch %d  train %.4f  held-out %.4f  purity@5 %.3f" % (epoch, acc / len(order), heldout(), purity()))
