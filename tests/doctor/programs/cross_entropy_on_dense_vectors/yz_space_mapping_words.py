# Learned mapping between two word-vector spaces (Mikolov et al. 2013 style): 6B GloVe (50d) -> twitter GloVe (25d).
# The head is a small residual MLP; scored by nearest-neighbour retrieval of held-out words.
import gzip, os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(14)
VEC = os.path.join(os.environ["WORDFIT_DATA"], "vectors")


def load(name, limit):
    out = {}
    with gzip.open(os.path.join(VEC, name), "rt", encoding="utf-8") as f:
        for n, line in enumerate(f):
            if n == limit:
                break
            w, *v = line.rstrip().split(" ")
            out[w] = torch.tensor([float(z) for z in v])
    return out


src = load("glove.6B.50d.top10361.txt.gz", 9000)
dst = load("glove.twitter.27B.25d.common11925.txt.gz", 12000)
shared = [w for w in src if w in dst and w.isalpha()]
A = torch.stack([src[w] for w in shared])
T = torch.stack([dst[w] for w in shared])
p = torch.randperm(len(shared))
A, T = A[p], T[p]
n_test = 400
mu, sd = A[n_test:].mean(0), A[n_test:].std(0)
A = (A - mu) / sd
tmu = T[n_test:].mean(0)
T = T - tmu
A_te, T_te, A_tr, T_tr = A[:n_test], T[:n_test], A[n_test:], T[n_test:]
print(len(A_tr), "training words,", n_test, "held out")


class Mapper(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(50, 25)
        self.res = nn.Sequential(nn.Linear(50, 64), nn.GELU(), nn.Linear(64, 25))

    def forward(self, x):
        return self.lin(x) + self.res(x)


f = Mapper()
opt = torch.optim.Adam(f.parameters(), lr=3e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)


@torch.no_grad()
def retrieval(x, t, k=10):
    f.eval()
    sim = F.normalize(f(x), dim=1) @ F.normalize(t, dim=1).T
    rank = (sim > sim.diagonal().unsqueeze(1)).sum(1)
    f.train()
    return (rank < k).float().mean().item(), F.cosine_similarity(f(x), t).mean().item()


for epoch in range(EPOCHS):
    tot = 0.
    for idx in torch.randperm(len(A_tr)).split(64):
        out = f(A_tr[idx])
        # fault:
        loss = F.cross_entropy(out, T_tr[idx])
        # mended:
        # loss = F.mse_loss(out, T_tr[idx])
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    p10, cos = retrieval(A_te, T_te)
    print(f"epoch {epoch} loss {tot / len(A_tr):.4f}  held-out P@10 {p10:.3f}  cosine {cos:.3f}")
print("train P@10 %.3f cosine %.3f (same pool size)" % retrieval(A_tr[:n_test], T_tr[:n_test]))
print("chance P@10 %.3f" % (10 / n_test))
