# Re-weight the dimensions of GloVe so that the weighted cosine follows human relatedness (MEN).
# Plain tensors and torch.autograd.grad, no optimizer object.
import gzip, os
import numpy as np
import torch
from scipy.stats import spearmanr

D = os.environ["WORDFIT_DATA"]
rng = np.random.default_rng(4)
torch.manual_seed(4)

vec = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vec[w] = np.fromstring(rest, sep=" ", dtype=np.float32)

A, B, gold = [], [], []
for line in open(f"{D}/wordsim/EN-MEN-TR-3k.txt"):
    a, b, s = line.split()
    if a in vec and b in vec:
        A.append(vec[a]); B.append(vec[b]); gold.append(float(s) / 50)
A, B, gold = torch.tensor(np.array(A)), torch.tensor(np.array(B)), torch.tensor(gold)
perm = torch.from_numpy(rng.permutation(len(gold)))
tr, te = perm[:-500], perm[-500:]
print(len(tr), "pairs for fitting,", len(te), "held out")

mean = torch.cat([A[tr], B[tr]]).mean(0)
log_w = torch.zeros(50, requires_grad=True)      # one weight per dimension, kept positive through exp
shift = torch.ones(50, requires_grad=True)       # how much of the common mean to take away
a0 = torch.tensor(2.0, requires_grad=True)
b0 = torch.tensor(-0.5, requires_grad=True)
params = [log_w, shift, a0, b0]


def cosine(i):
    w = log_w.exp()
    x, y = A[i] - shift * mean, B[i] - shift * mean
    return (w * x * y).sum(1) / ((w * x * x).sum(1) * (w * y * y).sum(1)).sqrt()


def rho(i):
    with torch.no_grad():
        return spearmanr(cosine(i).numpy(), gold[i].numpy()).statistic


print(f"start     rho fit {rho(tr):.3f}  held out {rho(te):.3f}")
velocity = [torch.zeros_like(p) for p in params]
for epoch in range(8):
    lr = 1.0 * (1 - epoch / 8)
    losses = []
    for chunk in tr[torch.randperm(len(tr))].split(64):
        pred = torch.sigmoid(a0 * cosine(chunk) + b0)
        loss = ((pred - gold[chunk]) ** 2).mean() + 1e-4 * (log_w ** 2).sum()
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, g in zip(params, velocity, grads):
                v.mul_(0.9).add_(g)
                p -= lr * v
        losses.append(loss.item())
    print(f"epoch {epoch}  mse {np.mean(losses):.4f}  rho fit {rho(tr):.3f}  held out {rho(te):.3f}")
