# Deep ensembles (Lakshminarayanan et al. 2017) for the log-price of a market listing.
# All members live in one set of tensors with a leading member axis; Gaussian likelihood with predicted variance.
import math
import numpy as np
import torch

gen = np.random.RandomState(5)
torch.manual_seed(5)
torch.set_default_dtype(torch.float64)      # NLL is happier in double

NOUN = dict(apples=2.0, pears=2.5, beef=14, salmon=22, rice=1.6, saffron=90, honey=9, coffee=12, butter=7, walnuts=11,
            flour=1.1, truffles=60, cheese=13, carrots=1.3, vanilla=75, almonds=10)
ADJ = dict(fresh=1.1, organic=1.4, cheap=0.7, frozen=0.8, premium=1.7, local=1.0, imported=1.25, old=0.6)
NUM = dict(one=1, two=2, three=3, five=5, ten=10, twenty=20)
UNIT = dict(kilo=1.0, pound=0.45, crate=12.0)
NOISY = {"old", "imported"}                # these sellers ask for whatever they like


def listing():
    adj = list(gen.choice(list(ADJ), gen.randint(0, 3), replace=False))
    n, u, k = gen.choice(list(NUM)), gen.choice(list(UNIT)), gen.choice(list(NOUN))
    mean = math.log(NUM[n] * UNIT[u] * NOUN[k]) + sum(math.log(ADJ[a]) for a in adj)
    sd = 0.45 if NOISY & set(adj) else 0.15
    return [n, u, "of"] + adj + [k], mean + sd * gen.randn()


rows = [listing() for _ in range(3400)]
seen = {" ".join(t) for t, _ in rows[:2600]}
tr, te = rows[:2600], [r for r in rows[2600:] if " ".join(r[0]) not in seen]
vocab = {w: i for i, w in enumerate(["of", *NUM, *UNIT, *ADJ, *NOUN])}


def encode(part):
    x = torch.zeros(len(part), len(vocab))
    for i, (t, _) in enumerate(part):
        for w in t:
            x[i, vocab[w]] += 1
    return x, torch.tensor([p for _, p in part])


xtr, ytr = encode(tr)
xte, yte = encode(te)
m0, s0 = ytr.mean(), ytr.std()
ytr, yte = (ytr - m0) / s0, (yte - m0) / s0

M, H = 4, 12
lin = lambda i, o: (torch.randn(M, i, o) * math.sqrt(2.0 / i)).requires_grad_()
P = {"w1": lin(len(vocab), H), "b1": torch.zeros(M, 1, H, requires_grad=True),
     "w2": lin(H, 2), "b2": torch.zeros(M, 1, 2, requires_grad=True)}
with torch.no_grad():
    P["w1"].mul_(math.sqrt(len(vocab) / 5))          # about five words are on in a row
    P["w2"].mul_(0.3)


def net(x):                                          # x: (M, B, V) or (B, V)
    h = torch.relu(x @ P["w1"] + P["b1"])
    out = h @ P["w2"] + P["b2"]
    return out[..., 0], torch.nn.functional.softplus(out[..., 1]) + 1e-4


def nll(y, mu, var):
    return 0.5 * (var.log() + (y - mu) ** 2 / var)   # without the constant; goes below zero


def ensemble(x):
    with torch.no_grad():
        mu, var = net(x)
    m = mu.mean(0)
    return m, (var + mu ** 2).mean(0) - m ** 2, mu


opt = torch.optim.Adam(P.values(), lr=8e-3, betas=(0.9, 0.99))
steps = 6 * len(xtr) // 50
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, total_steps=steps)
for step in range(steps):
    take = torch.from_numpy(gen.randint(0, len(xtr), (M, 50)))       # every member draws its own rows
    mu, var = net(xtr[take])
    loss = nll(ytr[take], mu, var).mean(1).sum()
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    sched.step()
    if step % 52 == 51:
        a, b = ensemble(xtr), ensemble(xte)
        print(f"step {step + 1:4d}  batch {loss.item() / M:+.3f}  nll train {nll(ytr, *a[:2]).mean():+.3f}  test {nll(yte, *b[:2]).mean():+.3f}"
              f"  R2 test {1 - ((b[0] - yte) ** 2).mean() / yte.var():.4f}")
m, v, each = ensemble(xte)
inside = ((yte - m).abs() < 1.96 * v.sqrt()).double().mean()
noisy = torch.tensor([bool(NOISY & set(t)) for t, _ in te])
print(f"single member rmse {((each - yte) ** 2).mean().sqrt():.3f}, ensemble {((m - yte) ** 2).mean().sqrt():.3f}, 95% interval covers {inside:.3f}")
print(f"predicted sd: noisy sellers {v[noisy].sqrt().mean() * s0:.3f}, others {v[~noisy].sqrt().mean() * s0:.3f}")
