# Skip-gram with negative sampling on a toy corpus, then a topic probe on the frozen vectors.
import numpy as np
import torch
import torch.nn.functional as F

rs = np.random.RandomState(6)
torch.manual_seed(6)
TOPICS, PER, COMMON = 6, 30, 40
V = TOPICS * PER + COMMON


def doc(k, n=12):
    own = k * PER + rs.randint(0, PER, n)
    com = TOPICS * PER + rs.randint(0, COMMON, n)
    return np.where(rs.rand(n) < 0.55, own, com)


corpus = [doc(rs.randint(TOPICS)) for _ in range(3000)]
centre, context = [], []
for d in corpus:
    for i in range(len(d)):
        for j in (i - 2, i - 1, i + 1, i + 2):
            if 0 <= j < len(d):
                centre.append(d[i])
                context.append(d[j])
centre, context = torch.tensor(np.array(centre)), torch.tensor(np.array(context))
freq = torch.bincount(centre, minlength=V).float() ** 0.75

inp = torch.nn.Embedding(V, 16, sparse=True)
out = torch.nn.Embedding(V, 16, sparse=True)
torch.nn.init.uniform_(inp.weight, -0.5 / 16, 0.5 / 16)
torch.nn.init.uniform_(out.weight, -0.5 / 16, 0.5 / 16)
opt = torch.optim.SparseAdam(list(inp.parameters()) + list(out.parameters()), lr=0.01)
NEG, B = 5, 512
for ep in range(3):
    perm = torch.randperm(len(centre))
    run = 0.
    for s in range(0, len(perm), B):
        c, o = centre[perm[s:s + B]], context[perm[s:s + B]]
        neg = torch.multinomial(freq, len(c) * NEG, replacement=True).view(-1, NEG)
        v = inp(c)
        pos = F.logsigmoid((v * out(o)).sum(1))
        ng = F.logsigmoid(-torch.einsum('bd,bnd->bn', v, out(neg))).sum(1)
        loss = -(pos + ng).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(c)
    print('skip-gram epoch %d: loss %.4f' % (ep, run / len(perm)))

# probe: new documents, vectors stay
E = F.normalize(inp.weight.detach(), dim=1)


def bag(n):
    y = rs.randint(TOPICS, size=n)
    x = torch.stack([E[torch.as_tensor(doc(k, 8))].mean(0) for k in y])
    return x, torch.as_tensor(y)


xa, ya = bag(1500)
xb, yb = bag(600)
probe = torch.nn.Linear(16, TOPICS)
adam = torch.optim.Adam(probe.parameters(), lr=0.05)
for ep in range(8):
    tot = 0.
    for idx in torch.randperm(len(xa)).split(50):
        l = F.cross_entropy(probe(xa[idx]), ya[idx])
        adam.zero_grad(); l.backward(); adam.step()
        tot += l.item() * len(idx)
    with torch.no_grad():
        print('probe epoch %d: loss %.4f train %.3f test %.3f' % (
            ep, tot / len(xa), (probe(xa).argmax(1) == ya).float().mean(), (probe(xb).argmax(1) == yb).float().mean()))
