# Kaggle "what will they read next": matrix factorisation with pairwise ranking (BPR), implicit feedback
import numpy as np, torch
rng = np.random.RandomState(3); torch.manual_seed(3)
n_users, n_items, k_true = 250, 160, 4
u, it = rng.randn(n_users, k_true), rng.randn(n_items, k_true)
score = u @ it.T + 0.4 * rng.randn(n_users, n_items)
likes = [np.argsort(-s)[:30] for s in score]              # what each user has read
hold = [rng.choice(l, 4, replace=False) for l in likes]
seen = [np.setdiff1d(l, h) for l, h in zip(likes, hold)]
rows = np.array([(i, j) for i, s in enumerate(seen) for j in s])
is_liked = np.zeros((n_users, n_items), bool)
for i, l in enumerate(seen): is_liked[i, l] = True

class MF(torch.nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.P = torch.nn.Embedding(n_users, d)
        self.Q = torch.nn.Embedding(n_items, d)
        self.b = torch.nn.Embedding(n_items, 1)
        for e in (self.P, self.Q): torch.nn.init.normal_(e.weight, std=0.1)
        torch.nn.init.zeros_(self.b.weight)
    def forward(self, i, j):
        return (self.P(i) * self.Q(j)).sum(-1) + self.b(j).squeeze(-1)

def auc(m):
    with torch.no_grad():
        s = m.P.weight @ m.Q.weight.T + m.b.weight.T
    out = []
    for i in range(n_users):
        neg = np.setdiff1d(np.arange(n_items), likes[i])
        out.append((s[i, hold[i]].unsqueeze(1) > s[i, neg].unsqueeze(0)).float().mean().item())
    return np.mean(out)

m = MF()
opt = torch.optim.Adagrad(m.parameters(), lr=0.1)
reg = 2e-3
print('before: AUC %.3f' % auc(m))
for epoch in range(7):
    rng.shuffle(rows)
    tot = 0
    for s in range(0, len(rows), 128):
        i, j = rows[s:s + 128].T
        n = rng.randint(n_items, size=len(i))
        clash = is_liked[i, n]
        while clash.any():
            n[clash] = rng.randint(n_items, size=clash.sum())
            clash = is_liked[i, n]
        i, j, n = map(torch.from_numpy, (i.copy(), j.copy(), n))
        diff = m(i, j) - m(i, n)
        loss = torch.nn.functional.softplus(-diff).mean() + reg * (m.P(i).pow(2).sum(1) + m.Q(j).pow(2).sum(1) + m.Q(n).pow(2).sum(1)).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(i)
    print('epoch %d  bpr %.4f  AUC on held books %.3f' % (epoch + 1, tot / len(rows), auc(m)))
