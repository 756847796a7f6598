# rating ~ ingredients, with nothing but tensors.  r(x) = mu + sum_i b_i + 1/2 (|sum v_i|^2 - sum |v_i|^2)   (a factorisation machine)
# summed squared error over the minibatch, hence the small-looking step size; heavy-ball by hand.
import torch

g = torch.Generator().manual_seed(5)
N, V, K = 6000, 60, 3

# the kitchen's truth: some ingredients are liked, some go together (cluster structure), some clash
b_true = 0.35 * torch.randn(V, generator=g)
v_true = 0.42 * torch.randn(V, K, generator=g)
sizes = torch.randint(3, 9, (N,), generator=g)
R = torch.zeros(N, V)
for i in range(N):
    R[i, torch.randperm(V, generator=g)[:sizes[i]]] = 1.0


def fm(X, mu, b, v):
    s = X @ v
    return mu + X @ b + 0.5 * ((s * s).sum(1) - X @ (v * v).sum(1))


y = fm(R, torch.tensor(3.2), b_true, v_true) + 0.3 * torch.randn(N, generator=g)
dup = {}
keep = [i for i in range(N) if dup.setdefault(tuple(R[i].nonzero().flatten().tolist()), i) == i]
R, y = R[keep], y[keep]
n_tr = 4800
Xt, yt, Xv, yv = R[:n_tr], y[:n_tr], R[n_tr:], y[n_tr:]
print(f"{n_tr} recipes, {len(yv)} held out; rating mean {yt.mean():.2f} sd {yt.std():.2f}")

mu = yt.mean().clone().requires_grad_()
b = torch.zeros(V, requires_grad=True)
v = (0.1 * torch.randn(V, 4, generator=g)).requires_grad_()
P = [mu, b, v]
M = [torch.zeros_like(p) for p in P]
rate, mom, lam = 4e-4, 0.9, 0.02


def r2():
    with torch.no_grad():
        e = yv - fm(Xv, *P)
        return (1 - (e ** 2).mean() / ((yv - yt.mean()) ** 2).mean()).item()


for epoch in range(16):
    if epoch == 11:
        rate /= 4
    tot = 0.0
    for idx in torch.randperm(n_tr, generator=g).split(32):
        err = fm(Xt[idx], *P) - yt[idx]
        loss = (err ** 2).sum() + lam * ((b ** 2).sum() + (v ** 2).sum())
        grads = torch.autograd.grad(loss, P)
        with torch.no_grad():
            for p, m, d in zip(P, M, grads):
                m.mul_(mom).add_(d)
                p.sub_(rate * m)
        tot += (err.detach() ** 2).sum().item()
    print(f"{epoch:2d}  train mse {tot / n_tr:.4f}   held-out R^2 {r2():.4f}")

with torch.no_grad():
    like = torch.nn.functional.cosine_similarity(b - b.mean(), b_true - b_true.mean(), dim=0)
    print(f"recovered main effects: cosine {like:.3f}")
