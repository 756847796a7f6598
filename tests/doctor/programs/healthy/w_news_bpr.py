"""Article recommendations for a news app: BPR matrix factorisation, plain SGD written out by hand."""
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(7)
USERS, ITEMS, K, D = 300, 200, 8, 16
group_u = torch.randint(K, (USERS,), generator=g)
group_i = torch.randint(K, (ITEMS,), generator=g)

seen, held = [], []
for u in range(USERS):
    fits = torch.where(group_i == group_u[u])[0]
    likes = fits[torch.randperm(len(fits), generator=g)[: max(6, int(.6 * len(fits)))]].tolist()
    likes = list(dict.fromkeys(likes + torch.randint(ITEMS, (2,), generator=g).tolist()))
    test = [i for i in likes if group_i[i] == group_u[u]][0]
    held.append(test)
    seen += [(u, i) for i in likes if i != test]
seen = torch.tensor(seen)
held = torch.tensor(held)
liked = torch.zeros(USERS, ITEMS, dtype=torch.bool)
liked[seen[:, 0], seen[:, 1]] = True

P = (torch.randn(USERS, D, generator=g) * .1).requires_grad_()
Q = (torch.randn(ITEMS, D, generator=g) * .1).requires_grad_()
b = torch.zeros(ITEMS, requires_grad=True)
lr, reg = 6.0, 2e-3


def hit_rate(k):
    with torch.no_grad():
        s = (P @ Q.T + b).masked_fill(liked, float("-inf"))
        return (s.topk(k).indices == held[:, None]).any(1).float().mean().item()


print(f"{len(seen)} interactions, random hit rate@20 would be {20 / (ITEMS - len(seen) / USERS):.3f}, before training {hit_rate(20):.3f}")
for epoch in range(1, 16):
    total = 0.0
    order = seen[torch.randperm(len(seen), generator=g)]
    for chunk in order.split(64):
        u, i = chunk.T
        j = torch.randint(ITEMS, (len(u),), generator=g)
        while liked[u, j].any():                                     # no liked article as a negative
            j = torch.where(liked[u, j], torch.randint(ITEMS, (len(u),), generator=g), j)
        diff = (P[u] * (Q[i] - Q[j])).sum(1) + b[i] - b[j]
        penalty = reg * (P[u].pow(2).sum(1) + Q[i].pow(2).sum(1) + Q[j].pow(2).sum(1))
        loss = (-F.logsigmoid(diff) + penalty).mean()
        gp, gq, gb = torch.autograd.grad(loss, (P, Q, b))
        with torch.no_grad():
            P -= lr * gp
            Q -= lr * gq
            b -= lr * .1 * gb
        total += loss.item() * len(u)
    if epoch % 2 == 1:
        print(f"epoch {epoch} bpr loss {total / len(seen):.4f} hit rate@20 {hit_rate(20):.3f}")
