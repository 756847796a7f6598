# BPR recommender, gradients by hand in numpy-style torch: no autograd, no optimizer, no loss.backward()
import torch
g = torch.Generator().manual_seed(6)
U, I, D = 400, 300, 8
pref = torch.randn(U, 3, generator=g) @ torch.randn(3, I, generator=g)
likes = pref.topk(40, dim=1).indices                       # what each user would like
perm = torch.rand(U, 40, generator=g).argsort(1)
likes = likes.gather(1, perm)
train, held = likes[:, :32], likes[:, 32:]
seen = torch.zeros(U, I, dtype=torch.bool).scatter_(1, train, True)
P = torch.randn(U, D, generator=g) * 0.1
Q = torch.randn(I, D, generator=g) * 0.1
lr, reg, B = 0.1, 0.01, 64
u_all = torch.arange(U).repeat_interleave(32); i_all = train.flatten()

def auc():
    s = P @ Q.T
    neg = ~(seen | torch.zeros_like(seen).scatter_(1, held, True))
    out = []
    for u in range(0, U, 4):
        out.append((s[u, held[u]][:, None] > s[u, neg[u]][None]).float().mean())
    return torch.stack(out).mean().item()

print("AUC before", round(auc(), 3))
for epoch in range(6):
    loss, n = 0.0, 0
    for b in torch.randperm(len(u_all), generator=g).split(B):
        u, i = u_all[b], i_all[b]
        j = torch.randint(I, (len(b),), generator=g)
        ok = ~seen[u, j]
        u, i, j = u[ok], i[ok], j[ok]
        x = (P[u] * (Q[i] - Q[j])).sum(1)
        c = torch.sigmoid(-x)[:, None]
        du, di, dj = c * (Q[i] - Q[j]) - reg * P[u], c * P[u] - reg * Q[i], -c * P[u] - reg * Q[j]
        P.index_add_(0, u, lr * du); Q.index_add_(0, i, lr * di); Q.index_add_(0, j, lr * dj)
        loss -= torch.nn.functional.logsigmoid(x).sum().item(); n += len(x)
    print(f"epoch {epoch + 1} bpr loss {loss / n:.4f} held-out AUC {auc():.4f}")
