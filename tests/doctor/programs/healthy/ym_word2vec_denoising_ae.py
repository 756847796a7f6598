import os, gzip
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

# Compress Google News vectors 300 -> 100 with a tied-weight denoising autoencoder;
# check on words that were held out, against PCA of the same width.
torch.manual_seed(7)
N = 5000
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz")
words, mat = [], np.empty((N, 300), np.float32)
with gzip.open(path, "rt", encoding="utf-8") as fh:
    next(fh)
    for i, line in zip(range(N), fh):
        w, nums = line.rstrip("\n").split(" ", 1)
        words.append(w)
        mat[i] = np.array(nums.split(), dtype=np.float32)
mat /= np.linalg.norm(mat, axis=1, keepdims=True)
X = torch.from_numpy(mat)
perm = torch.randperm(N)
tr, te = X[perm[:4400]], X[perm[4400:]]
centre = tr.mean(0)
tr, te = (tr - centre) * 17.0, (te - centre) * 17.0     # about unit variance per coordinate


class TiedAE(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.W = nn.Parameter(torch.empty(k, d))
        nn.init.orthogonal_(self.W)
        self.b = nn.Parameter(torch.zeros(k))
        self.c = nn.Parameter(torch.zeros(d))

    def encode(self, x):
        return F.linear(x, self.W, self.b)

    def forward(self, x):
        if self.training:
            x = x + 0.1 * torch.randn_like(x)
        return F.linear(self.encode(x), self.W.t(), self.c)


ae = TiedAE(300, 100)
optim = torch.optim.SGD(ae.parameters(), lr=5.0, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.PolynomialLR(optim, total_iters=8 * 35, power=1.0)
U, S, Vt = torch.linalg.svd(tr, full_matrices=False)
P = Vt[:100].t() @ Vt[:100]


@torch.no_grad()
def unexplained(x, f):
    return ((f(x) - x).pow(2).sum() / x.pow(2).sum()).item()


print("PCA: unexplained train %.4f held-out %.4f" % (unexplained(tr, lambda x: x @ P), unexplained(te, lambda x: x @ P)))
for ep in range(8):
    ae.train()
    tot = 0.0
    for chunk in torch.randperm(len(tr)).split(128):
        loss = F.mse_loss(ae(tr[chunk]), tr[chunk])
        optim.zero_grad()
        loss.backward()
        optim.step()
        sched.step()
        tot += loss.item() * len(chunk)
    ae.eval()
    print("epoch %d  mse %.4f  unexplained: train %.4f  held-out %.4f" % (ep, tot / len(tr), unexplained(tr, ae), unexplained(te, ae)))
with torch.no_grad():
    a, b = F.normalize(ae.encode(te), dim=1), F.normalize(te, dim=1)
    sa, sb = (a @ a.t()).fill_diagonal_(-1), (b @ b.t()).fill_diagonal_(-1)
    print("nearest neighbour of a held-out word kept: %.3f" % (sa.argmax(1) == sb.argmax(1)).float().mean())
