"""Bring two sets of word vectors (news 50d, twitter 25d) into one space: symmetric InfoNCE, linear towers.

The vectors themselves stay as they are, only two matrices and a temperature are learned.
"""
import gzip
import os

import numpy as np
import torch
import torch.nn.functional as F

HOME = os.environ["WORDFIT_DATA"] + "/vectors/"
torch.manual_seed(6)


def table(name):
    with gzip.open(HOME + name, "rt", encoding="utf-8") as fh:
        lines = [ln.rstrip().split(" ", 1) for ln in fh]
    flat = np.array(" ".join(rest for _, rest in lines).split(), dtype=np.float32)
    return {w: k for k, (w, _) in enumerate(lines)}, torch.from_numpy(flat.reshape(len(lines), -1))


def whiten(m, fit):
    m = m - m[fit].mean(0)
    return m / m[fit].std(0)


ia, A = table("glove.6B.50d.top10361.txt.gz")
ib, B = table("glove.twitter.27B.25d.common11925.txt.gz")
shared = sorted(w for w in ia if w in ib and w.isalpha() and len(w) > 2)
A = A[[ia[w] for w in shared]]
B = B[[ib[w] for w in shared]]
perm = torch.randperm(len(shared))
held, fit = perm[:500], perm[500:]
A, B = whiten(A, fit), whiten(B, fit)
print(len(shared), "shared words")


class Towers(torch.nn.Module):
    def __init__(self, out=24):
        super().__init__()
        self.left = torch.nn.Linear(50, out, bias=False)
        self.right = torch.nn.Linear(25, out, bias=False)
        self.log_temp = torch.nn.Parameter(torch.tensor(2.0))

    def forward(self, a, b):
        a, b = F.normalize(self.left(a), dim=1), F.normalize(self.right(b), dim=1)
        return torch.einsum("id,jd->ij", a, b) * self.log_temp.exp()


towers = Towers()
optim = torch.optim.AdamW([{"params": [towers.left.weight, towers.right.weight], "weight_decay": 1e-3},
                           {"params": [towers.log_temp], "weight_decay": 0.0}], lr=5e-3)
EPOCHS, SIZE = 8, 256
sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=1e-2, total_steps=EPOCHS * (len(fit) // SIZE))


@torch.no_grad()
def recall(idx, k):
    s = towers(A[idx], B[idx])
    return (s.topk(k, 1).indices == torch.arange(len(idx))[:, None]).any(1).float().mean().item()


for epoch in range(EPOCHS):
    losses = []
    order = fit[torch.randperm(len(fit))]
    for s in range(0, len(order) - SIZE + 1, SIZE):
        w = order[s:s + SIZE]
        sim = towers(A[w], B[w])
        goal = torch.arange(SIZE)
        loss = 0.5 * (F.cross_entropy(sim, goal) + F.cross_entropy(sim.t(), goal))
        optim.zero_grad()
        loss.backward()
        optim.step()
        sched.step()
        losses.append(loss.item())
    print(f"{epoch + 1}: loss {np.mean(losses):.3f} (blind {np.log(SIZE):.2f})  held-out r@1 {recall(held, 1):.3f} "
          f"r@10 {recall(held, 10):.3f}  fitted r@1 {recall(fit[:500], 1):.3f} r@10 {recall(fit[:500], 10):.3f}")
