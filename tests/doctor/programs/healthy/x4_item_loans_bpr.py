# "Readers who borrowed this ..." -- pairwise ranking (BPR) on loan records of a small public library.
# Dense matrices are small, but the catalogue will grow, hence sparse gradients.
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(6)
torch.manual_seed(6)
READERS, TITLES, GENRES = 300, 400, 8

likes = rng.dirichlet([0.15] * GENRES, READERS)
genre = rng.integers(0, GENRES, TITLES)
loans = []
for r in range(READERS):
    p = likes[r][genre] + 0.0003
    loans.append(rng.choice(TITLES, size=34, replace=False, p=p / p.sum()))
loans = np.stack(loans)
train, held = loans[:, :30], loans[:, 30:]                 # the draws are not sorted, so this is a random split
pairs = torch.tensor([(r, t) for r in range(READERS) for t in train[r]])
borrowed = torch.zeros(READERS, TITLES, dtype=torch.bool)
borrowed[pairs[:, 0], pairs[:, 1]] = True

U = torch.nn.Embedding(READERS, 12, sparse=True)
V = torch.nn.Embedding(TITLES, 12, sparse=True)
for e in (U, V):
    torch.nn.init.normal_(e.weight, std=0.1)
opt = torch.optim.SparseAdam(list(U.parameters()) + list(V.parameters()), lr=0.01)


def not_borrowed(r):
    t = torch.randint(TITLES, r.shape)
    while (bad := borrowed[r, t]).any():
        t[bad] = torch.randint(TITLES, (int(bad.sum()),))
    return t


def auc(positives):
    """chance that a borrowed title outranks one never borrowed"""
    with torch.no_grad():
        s = U.weight @ V.weight.T
    seen = torch.zeros_like(borrowed)
    seen[torch.arange(READERS)[:, None], torch.tensor(loans)] = True
    out = []
    for r in range(READERS):
        out.append((s[r, torch.tensor(positives[r])][:, None] > s[r, ~seen[r]][None]).float().mean())
    return torch.stack(out).mean().item()


print("before: AUC held-out %.3f" % auc(held))
for epoch in range(9):
    total = 0.
    for b in pairs[torch.randperm(len(pairs))].split(100):
        r, t = b[:, 0], b[:, 1]
        u, pos, neg = U(r), V(t), V(not_borrowed(r))
        loss = -F.logsigmoid((u * (pos - neg)).sum(1)).mean()
        reg = 0.06 * (u.pow(2).sum(1) + pos.pow(2).sum(1) + neg.pow(2).sum(1)).mean()
        opt.zero_grad()
        (loss + reg).backward()
        opt.step()
        total += loss.item() * len(r)
    if epoch % 3 == 0:
        print("epoch %d  bpr %.4f" % (epoch, total / len(pairs)))
print("AUC  borrowed %.3f  held-out %.3f" % (auc(train), auc(held)))
