# learning to rank, ListNet: 10 candidate snippets per query, graded relevance 0..3; own optimiser step, own NDCG
import numpy as np
import torch

torch.manual_seed(4)
np.random.seed(4)
n_topic, per_topic, n_query, n_cand, snip = 10, 24, 1100, 10, 12
V = n_topic * per_topic
topic = np.arange(V) % n_topic

Q = np.empty((n_query, 3), dtype=int)
D = np.empty((n_query, n_cand, snip), dtype=int)
R = np.empty((n_query, n_cand))
for q in range(n_query):
    t = np.random.randint(n_topic)
    own = np.flatnonzero(topic == t)
    other = np.flatnonzero(topic != t)
    Q[q] = np.random.choice(own, 3, replace=False)
    for c in range(n_cand):
        g = np.random.choice(4, p=[0.5, 0.25, 0.15, 0.1])
        k = [0, 2, 4, 7][g]
        D[q, c] = np.random.permutation(np.r_[np.random.choice(own, k), np.random.choice(other, snip - k)])
        R[q, c] = g
Qt, Dt, Rt = torch.tensor(Q), torch.tensor(D), torch.tensor(R, dtype=torch.float32)
fit, held = slice(0, 900), slice(900, None)

E = (0.3 * torch.randn(V, 12)).requires_grad_(True)
M = torch.eye(12, requires_grad=True)
c = torch.zeros(1, V, requires_grad=True)      # a word's worth whatever the query
params = [E, M, c]
vel = [torch.zeros_like(p) for p in params]


def score(q, d):
    u = E[q].mean(1) @ M                                    # B, 12
    w = E[d]                                                # B, C, S, 12
    match = torch.einsum("bk,bcsk->bcs", u, w) + c[0][d]
    return match.sum(2)


def listnet(s, r):
    return -(torch.softmax(r, 1) * torch.log_softmax(s, 1)).sum(1).mean()


def ndcg(s, r, k=5):
    s, r = s.numpy(), r.numpy()
    gain = 2.0 ** r - 1
    disc = 1 / np.log2(np.arange(2, k + 2))
    got = np.take_along_axis(gain, np.argsort(-s, 1, kind="stable"), 1)[:, :k] @ disc
    best = -np.sort(-gain, 1)[:, :k] @ disc
    ok = best > 0                                           # lists with nothing to find do not count
    return (got[ok] / best[ok]).mean()


lr, mu = 0.5, 0.9
for sweep in range(12):
    perm = np.random.permutation(900)
    acc = 0.0
    for k in range(0, 900, 30):
        i = perm[k:k + 30]
        loss = listnet(score(Qt[i], Dt[i]), Rt[i])
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, g in zip(params, vel, grads):
                v.mul_(mu).add_(g)
                p.sub_(lr * v)
        acc += loss.item()
    if sweep in (5, 8):
        lr *= 0.3
    with torch.no_grad():
        a, b = ndcg(score(Qt[fit], Dt[fit]), Rt[fit]), ndcg(score(Qt[held], Dt[held]), Rt[held])
    print(f"sweep {sweep:2d}  listnet {acc / 30:.4f}  ndcg@5 fit {a:.3f}  held out {b:.3f}")
floor = -(torch.softmax(Rt[fit], 1) * torch.log_softmax(Rt[fit], 1)).sum(1).mean().item()
rand = np.mean([ndcg(torch.rand(200, n_cand), Rt[held]) for _ in range(20)])
print(f"lowest possible listnet {floor:.4f}, random ndcg@5 {rand:.3f}")
