"""Course recommender: factorises the stars that learners gave to courses."""
import argparse
import random
import numpy as np
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--learners", type=int, default=700)
ap.add_argument("--courses", type=int, default=400)
ap.add_argument("--k", type=int, default=3)
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--bs", type=int, default=32)
ap.add_argument("--lr", type=float, default=0.05)
args = ap.parse_args()

torch.set_num_threads(1)
random.seed(5); np.random.seed(5); torch.manual_seed(5)


def simulate():
    """Stars = mean + learner's mildness + course quality + taste, with some noise."""
    rng = np.random.RandomState(11)
    L = rng.randn(args.learners, 3)
    C = rng.randn(args.courses, 3)
    bl, bc = rng.randn(args.learners) * 0.7, rng.randn(args.courses) * 0.6
    pop = 1.0 / np.arange(1, args.courses + 1) ** 0.2
    pop /= pop.sum()
    out = []
    for u in range(args.learners):
        n = rng.randint(24, 40)
        for c in rng.choice(args.courses, n, replace=False, p=pop):
            s = 3.2 + bl[u] + bc[c] + 0.35 * L[u] @ C[c] + 0.3 * rng.randn()
            out.append((u, int(c), float(s)))
    rng.shuffle(out)
    return [(int(u), int(c), float(s)) for u, c, s in out]


triples = simulate()
n_test = len(triples) // 8
held, fit = triples[:n_test], triples[n_test:]
mu = float(np.mean([s for _, _, s in fit]))


def columns(t):
    return (torch.tensor([a for a, _, _ in t]), torch.tensor([b for _, b, _ in t]),
            torch.tensor([c for _, _, c in t], dtype=torch.float32))


U, I, S = columns(fit)
Ut, It, St = columns(held)


class MF(nn.Module):
    def __init__(self, nu, ni, k):
        super().__init__()
        # fault:
        self.u = nn.Embedding(nu, k + 1)
        self.i = nn.Embedding(ni, k + 1)
        # mended:
        #self.u = nn.Embedding(nu, k + 1, sparse=True)
        #self.i = nn.Embedding(ni, k + 1, sparse=True)
        # end
        for t in (self.u, self.i):
            nn.init.normal_(t.weight, std=0.1)

    def forward(self, u, i):
        a, b = self.u(u), self.i(i)
        return mu + a[:, 0] + b[:, 0] + (a[:, 1:] * b[:, 1:]).sum(1)


mf = MF(args.learners, args.courses, args.k)
# fault:
opt = torch.optim.Adam(mf.parameters(), lr=args.lr)
# mended:
#opt = torch.optim.SparseAdam(list(mf.parameters()), lr=args.lr)
# end


def r2(u, i, s):
    mf.eval()
    with torch.no_grad():
        e = mf(u, i) - s
    return 1 - (e ** 2).mean().item() / s.var().item(), (e ** 2).mean().sqrt().item()


for ep in range(1, args.epochs + 1):
    mf.train()
    order = torch.randperm(len(S))
    run = 0.0
    for j in range(0, len(order), args.bs):
        b = order[j:j + args.bs]
        loss = ((mf(U[b], I[b]) - S[b]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b)
    print("epoch %d  mse %.4f  held-out R2 %.4f rmse %.4f" % ((ep, run / len(S)) + r2(Ut, It, St)))
print("fit R2 %.4f   held-out R2 %.4f" % (r2(U, I, S)[0], r2(Ut, It, St)[0]))
