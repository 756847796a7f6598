# Learning to rank a shop catalogue. Each query has 10 candidate products with graded relevance (0..2).
# ListNet loss: cross entropy between softmax(relevance) and softmax(score) over the list.
import numpy as np
import torch

rng = np.random.default_rng(12)
torch.manual_seed(12)

N_CONCEPT, N_SYN = 24, 4
# every concept goes by several names: shoppers use names 0-1, product titles use names 2-3
names = [["c%d_%s" % (c, "abcd"[k]) for k in range(N_SYN)] for c in range(N_CONCEPT)]
filler = ["new", "sale", "best", "size", "pack", "deluxe", "classic", "home", "pro", "mini"]
vocab = {w: i for i, w in enumerate([w for n in names for w in n] + filler)}


def make_list():
    q = rng.choice(N_CONCEPT, 2, replace=False)
    query = [vocab[names[c][rng.integers(0, 2)]] for c in q] + [vocab[rng.choice(filler)]]
    docs, rel = [], []
    for _ in range(10):
        k = rng.choice([0, 1, 2], p=[.6, .25, .15])
        keep = list(rng.permutation(q)[:k])
        rest = list(rng.choice(np.setdiff1d(np.arange(N_CONCEPT), q), 4 - k, replace=False))
        t = [vocab[names[c][rng.integers(2, 4)]] for c in keep + rest] + [vocab[w] for w in rng.choice(filler, 2)]
        docs.append(rng.permutation(t))
        rel.append(k)
    return query, docs, rel


def dataset(n):
    lists = [make_list() for _ in range(n)]
    lists = [l for l in lists if max(l[2]) > 0]
    return [torch.tensor(np.array([l[i] for l in lists])) for i in range(3)]


Qtr, Dtr, Rtr = dataset(900)
Qte, Dte, Rte = dataset(300)

d = 20
table = (torch.randn(len(vocab), d) * .1).requires_grad_()
proj = torch.eye(d).requires_grad_()
wordweight = torch.zeros(len(vocab), requires_grad=True)
weights = [table, proj, wordweight]


def scores(Q, D):
    q = (table[Q] * wordweight[Q].exp()[..., None]).sum(1) @ proj            # b d
    doc = (table[D] * wordweight[D].exp()[..., None]).sum(2)                 # b 10 d
    return torch.einsum("bd,bnd->bn", q, doc)


def ndcg(s, rel, k=5):
    disc = 1 / torch.log2(torch.arange(k) + 2.)
    gain = lambda r: ((2. ** r - 1) * disc).sum(1)
    top = rel.gather(1, s.argsort(1, descending=True))[:, :k]
    ideal = rel.sort(1, descending=True).values[:, :k]
    return (gain(top) / gain(ideal)).mean().item()


# hand-made Adagrad
acc = [torch.full_like(w, 1e-6) for w in weights]
with torch.no_grad():
    print("random order", round(ndcg(torch.rand(len(Rte), 10), Rte), 3))
for epoch in range(8):
    perm = torch.randperm(len(Qtr))
    L = []
    for ix in perm.split(30):
        target = torch.softmax(2. * Rtr[ix].float(), 1)
        loss = -(target * torch.log_softmax(scores(Qtr[ix], Dtr[ix]), 1)).sum(1).mean()
        for w, g, a in zip(weights, torch.autograd.grad(loss, weights), acc):
            with torch.no_grad():
                a += g * g
                w -= 0.15 * g / a.sqrt()
        L.append(loss.item())
    with torch.no_grad():
        print(f"pass {epoch}  listnet {np.mean(L):.4f}  NDCG@5 train {ndcg(scores(Qtr, Dtr), Rtr):.4f}  test {ndcg(scores(Qte, Dte), Rte):.4f}")
