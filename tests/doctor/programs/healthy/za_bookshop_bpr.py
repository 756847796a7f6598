"""Recommender for a bookshop: matrix factorisation with the BPR pair loss."""
import torch
import torch.nn.functional as F

torch.manual_seed(12)
USERS, BOOKS, GENRES, K = 400, 120, 6, 6

taste = torch.distributions.Dirichlet(torch.full((GENRES,), 0.25)).sample((USERS,))
genre = torch.arange(BOOKS) % GENRES
popular = torch.rand(BOOKS) + 0.3
prob = taste[:, genre] * popular
bought = torch.zeros(USERS, BOOKS, dtype=torch.bool)
for u in range(USERS):
    bought[u, torch.multinomial(prob[u] + 1e-4, 22)] = True

pairs = bought.nonzero()
pairs = pairs[torch.randperm(len(pairs))]
n_test = len(pairs) // 6
test, train = pairs[:n_test], pairs[n_test:]
seen = torch.zeros_like(bought)
seen[train[:, 0], train[:, 1]] = True

P = torch.nn.Parameter(torch.randn(USERS, K) * 0.1)
Q = torch.nn.Parameter(torch.randn(BOOKS, K) * 0.1)
b = torch.nn.Parameter(torch.zeros(BOOKS))
opt = torch.optim.Adam([P, Q, b], lr=0.02)


def auc(held):
    """how often does a held-out book beat a book that the user never bought"""
    u = held[:, 0]
    s = P[u] @ Q.t() + b
    own = s.gather(1, held[:, 1:])
    free = ~bought[u]
    return (((own > s) & free).sum(1).float() / free.sum(1)).mean().item()


with torch.no_grad():
    print(f"untrained: AUC {auc(test):.3f}")
for epoch in range(9):
    total = 0.0
    for idx in torch.randperm(len(train)).split(256):
        u, i = train[idx].unbind(1)
        j = torch.multinomial((~seen[u]).float(), 1).squeeze(1)           # a book not bought (as far as we know)
        x = (P[u] * (Q[i] - Q[j])).sum(1) + b[i] - b[j]
        reg = 0.06 * (P[u].pow(2).sum(1) + Q[i].pow(2).sum(1) + Q[j].pow(2).sum(1)).mean()
        loss = -F.logsigmoid(x).mean() + reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    if epoch % 3 == 2:
        with torch.no_grad():
            print(f"epoch {epoch + 1:2d}  bpr {total / len(train):.4f}  AUC train {auc(train):.3f}  test {auc(test):.3f}")
