# Recommend electives: 300 students, 120 electives, implicit feedback (taken / not taken).  BPR, factors of width 4.
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.RandomState(17)
torch.manual_seed(17)
S, C, T = 300, 120, 4                       # four tastes that the model does not see
taste = rng.dirichlet([0.06] * T, S)
field = rng.randint(T, size=C)
taken = []
for s in range(S):
    p = 0.004 + taste[s][field]
    p /= p.sum()
    taken.append(rng.choice(C, 14, replace=False, p=p))
train = [t[:12] for t in taken]
test = [t[12:] for t in taken]              # two electives of each student are kept back
known = np.zeros((S, C), dtype=bool)
for s, t in enumerate(train):
    known[s, t] = True
pairs = np.array([(s, c) for s, t in enumerate(train) for c in t])


class Factors(torch.nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.P = torch.nn.Embedding(S, k)
        self.Q = torch.nn.Embedding(C, k)
        self.b = torch.nn.Embedding(C, 1)
        for e in (self.P, self.Q):
            torch.nn.init.normal_(e.weight, std=0.1)
        torch.nn.init.zeros_(self.b.weight)

    def forward(self, s, c):
        return (self.P(s) * self.Q(c)).sum(-1) + self.b(c).squeeze(-1)


def auc(model, held):
    with torch.no_grad():
        score = (model.P.weight @ model.Q.weight.T + model.b.weight.T).numpy()
    vals = []
    for s, pos in enumerate(held):
        neg = np.setdiff1d(np.arange(C), taken[s])
        vals += [(score[s, p] > score[s, neg]).mean() for p in pos]
    return np.mean(vals)


model = Factors()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
print("AUC before: held-out %.3f" % auc(model, test))
for epoch in range(10):
    rng.shuffle(pairs)
    tot = 0.0
    for k in range(0, len(pairs), 50):
        s, c = pairs[k:k + 50].T
        n = rng.randint(C, size=len(s))
        while known[s, n].any():
            n = np.where(known[s, n], rng.randint(C, size=len(s)), n)
        s, c, n = torch.from_numpy(s.copy()), torch.from_numpy(c.copy()), torch.from_numpy(n)
        gap = model(s, c) - model(s, n)
        reg = sum(e.pow(2).sum(1).mean() for e in (model.P(s), model.Q(c), model.Q(n)))
        loss = -F.logsigmoid(gap).mean() + 0.02 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print("epoch %d  loss %.4f  AUC train %.3f  held-out %.3f" % (epoch, tot * 50 / len(pairs), auc(model, train), auc(model, test)))
