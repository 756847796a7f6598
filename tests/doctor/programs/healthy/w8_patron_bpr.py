"""What to put on a patron's hold shelf: pairwise ranking (BPR) from anonymous loans."""
import numpy as np
import torch
import torch.nn.functional as F

rs = np.random.RandomState(800)
torch.manual_seed(800)
PATRONS, BOOKS, GENRES = 200, 120, 4

genre = rs.randint(0, GENRES, BOOKS)
fav = rs.randint(0, GENRES, PATRONS)
second = (fav + 1 + rs.randint(0, GENRES - 1, PATRONS)) % GENRES
fame = rs.normal(0, 0.5, BOOKS)
taste = 3.5 * (genre[None] == fav[:, None]) + 2.0 * (genre[None] == second[:, None]) + fame[None]
loans = []
for u in range(PATRONS):
    p = np.exp(taste[u]) / np.exp(taste[u]).sum()
    for b in rs.choice(BOOKS, 30, replace=False, p=p):
        loans.append((u, b))
loans = np.array(loans)
rs.shuffle(loans)
held = loans[:1000]
train = loans[1000:]
borrowed = np.zeros((PATRONS, BOOKS), bool)
borrowed[loans[:, 0], loans[:, 1]] = True
not_train = np.ones((PATRONS, BOOKS), bool)
not_train[train[:, 0], train[:, 1]] = False

patron = torch.nn.Embedding(PATRONS, GENRES, sparse=True)
book = torch.nn.Embedding(BOOKS, GENRES, sparse=True)
popular = torch.nn.Parameter(torch.zeros(BOOKS))
for e in (patron, book):
    torch.nn.init.normal_(e.weight, std=0.3)
rows_opt = torch.optim.SparseAdam([patron.weight, book.weight], lr=0.04)
pop_opt = torch.optim.SGD([popular], lr=0.5)


def score(u, b):
    return (patron(u) * book(b)).sum(-1) + popular[b]


def auc(pairs):
    """chance that a loan ranks above a book that this patron never took"""
    with torch.no_grad():
        S = (patron.weight @ book.weight.t() + popular).numpy()
    return np.mean([(S[u, b] > S[u, ~borrowed[u]]).mean() for u, b in pairs])


def other_books(us):
    out = rs.randint(0, BOOKS, len(us))
    while True:
        clash = ~not_train[us, out]
        if not clash.any():
            return out
        out[clash] = rs.randint(0, BOOKS, clash.sum())


ideal = np.mean([(taste[u, b] > taste[u, ~borrowed[u]]).mean() for u, b in held])
print(f"{len(train)} loans, {len(held)} held back; the generator itself would reach {ideal:.3f}; start {auc(held):.3f}")
for epoch in range(9):
    order = rs.permutation(len(train))
    tot = 0.0
    for lo in range(0, len(order), 100):
        u, b = train[order[lo:lo + 100]].T
        n = other_books(u)
        u, b, n = map(torch.as_tensor, (u, b, n))
        reg = 0.04 * (patron(u).pow(2).sum(1) + book(b).pow(2).sum(1) + book(n).pow(2).sum(1)).mean()
        loss = -F.logsigmoid(score(u, b) - score(u, n)).mean() + reg
        rows_opt.zero_grad()
        pop_opt.zero_grad()
        loss.backward()
        rows_opt.step()
        pop_opt.step()
        tot += loss.item() * len(u)
    if epoch in (4, 6):
        for opt in (rows_opt, pop_opt):
            opt.param_groups[0]["lr"] *= 0.3
    print(f"epoch {epoch:2d}  loss {tot / len(train):.4f}  AUC train {auc(train[:1000]):.3f}  held {auc(held):.3f}")
