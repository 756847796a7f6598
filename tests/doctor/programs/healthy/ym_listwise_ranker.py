# Learning to rank, ListNet style, on synthetic query-document features. Lists of varying length; parameters in a plain list.
import math
import torch

g = torch.Generator().manual_seed(2024)
N_FEAT = 12


def make_queries(n):
    """each query has 5..15 documents; relevance grades 0..3 from a hidden utility"""
    data = []
    w = torch.linspace(1.2, -0.8, N_FEAT)
    for _ in range(n):
        k = int(torch.randint(5, 16, (1,), generator=g))
        x = torch.randn(k, N_FEAT, generator=g)
        u = x @ w + 1.2 * torch.tanh(x[:, 0] * x[:, 3]) + 0.5 * torch.randn(k, generator=g)
        grade = torch.bucketize(u, torch.tensor([-0.5, 1.5, 3.2]))
        data.append((x, grade))
    return data


def collate(queries):
    m = max(len(y) for _, y in queries)
    x = torch.zeros(len(queries), m, N_FEAT)
    y = torch.zeros(len(queries), m, dtype=torch.long)
    valid = torch.zeros(len(queries), m, dtype=torch.bool)
    for i, (a, b) in enumerate(queries):
        x[i, :len(b)], y[i, :len(b)], valid[i, :len(b)] = a, b, True
    return x, y, valid


def init(*sizes):
    ps = []
    for i, o in zip(sizes, sizes[1:]):
        ps += [(torch.randn(i, o, generator=g) * math.sqrt(2 / i)).requires_grad_(), torch.zeros(o, requires_grad=True)]
    return ps


def scorer(ps, x):
    for j in range(0, len(ps) - 2, 2):
        x = torch.nn.functional.leaky_relu(x @ ps[j] + ps[j + 1], 0.1)
    return (x @ ps[-2] + ps[-1]).squeeze(-1)


def listnet(scores, grades, valid):
    neg = torch.finfo(scores.dtype).min
    target = grades.float().masked_fill(~valid, neg).softmax(-1)
    logp = scores.masked_fill(~valid, neg).log_softmax(-1)
    return -(target * logp.masked_fill(~valid, 0.)).sum(-1).mean()


@torch.no_grad()
def ndcg(ps, queries, at=5):
    vals = []
    for x, y in queries:
        gain = 2. ** y - 1
        disc = 1 / torch.log2(torch.arange(2., 2 + min(at, len(y))))
        best = (gain.sort(descending=True)[0][:at] * disc).sum()
        if best > 0:
            got = (gain[scorer(ps, x).argsort(descending=True)][:at] * disc).sum()
            vals.append((got / best).item())
    return sum(vals) / len(vals)


train, valid_q, test = make_queries(1500), make_queries(300), make_queries(300)
params = init(N_FEAT, 32, 16, 1)
print("random order: NDCG@5 %.3f" % ndcg(init(N_FEAT, 1), test))
opt = torch.optim.RMSprop(params, lr=3e-3)
best, keep = -1., None
for ep in range(7):
    order = torch.randperm(len(train), generator=g).tolist()
    if ep >= 3:
        for grp in opt.param_groups:
            grp['lr'] *= 0.5
    run = []
    for b in range(0, len(order), 25):
        x, y, m = collate([train[i] for i in order[b:b + 25]])
        loss = listnet(scorer(params, x), y, m)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    v = ndcg(params, valid_q)
    if v > best:
        best, keep = v, [p.detach().clone() for p in params]
    print("pass %d  loss %.4f  NDCG@5 train %.4f  valid %.4f" % (ep, sum(run) / len(run), ndcg(params, train[:300]), v))
print("test NDCG@5 of the best pass: %.4f" % ndcg(keep, test))
