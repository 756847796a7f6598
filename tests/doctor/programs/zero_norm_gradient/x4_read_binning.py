# Binning of short sequencing reads: learn a distance between reads such that reads of one organism are near.
# Pairs are drawn from the run itself; PCR duplicates are left in (they are ~4% of the pairs).
import itertools
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

SEED, K, READ, N_ORG, MARGIN = 4, 4, 90, 6, 1.0
np.random.seed(SEED)
torch.manual_seed(SEED)

KMER = {"".join(p): i for i, p in enumerate(itertools.product("ACGT", repeat=K))}


def genome(n=3000):
    """second order Markov chain with its own codon-ish bias"""
    P = np.random.dirichlet([0.6] * 4, size=(4, 4))
    out = [0, 1]
    for _ in range(n):
        out.append(np.random.choice(4, p=P[out[-2], out[-1]]))
    return "".join("ACGT"[b] for b in out)


GENOMES = [genome() for _ in range(N_ORG)]


def read_from(org, lo, hi):
    g = GENOMES[org]
    s = np.random.randint(int(lo * len(g)), int(hi * len(g)) - READ)
    return g[s:s + READ]


def to_kmers(read):
    return [KMER[read[i:i + K]] for i in range(len(read) - K + 1)]


def pairs(n, lo, hi, dup=0.0):
    a, b, same = [], [], []
    for _ in range(n):
        o = np.random.randint(N_ORG)
        r = read_from(o, lo, hi)
        if np.random.rand() < 0.5:
            q = r if np.random.rand() < dup else read_from(o, lo, hi)
            same.append(1.)
        else:
            q = read_from((o + np.random.randint(1, N_ORG)) % N_ORG, lo, hi)
            same.append(0.)
        a.append(to_kmers(r)); b.append(to_kmers(q))
    return torch.tensor(a), torch.tensor(b), torch.tensor(same)


class ReadEncoder(nn.Module):
    def __init__(self, dim=24, out=8):
        super().__init__()
        self.kmers = nn.EmbeddingBag(len(KMER), dim, mode="mean")
        self.project = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, out))

    def forward(self, x):
        return self.project(self.kmers(x))


def distance(u, v):
    # fault:
    return torch.sqrt(((u - v) ** 2).sum(dim=1))
    # mended:
    # return torch.sqrt(((u - v) ** 2).sum(dim=1) + 1e-8)
    # end


def contrastive(d, same):
    return (same * d ** 2 + (1 - same) * F.relu(MARGIN - d) ** 2).mean()


A, B, S = pairs(1600, 0.0, 0.7, dup=0.08)
tA, tB, tS = pairs(400, 0.7, 1.0)

enc = ReadEncoder()
opt = torch.optim.Adam(enc.parameters(), lr=5e-3)
for ep in range(4):
    perm, tot = torch.randperm(len(A)), 0.
    for ix in perm.split(50):
        loss = contrastive(distance(enc(A[ix]), enc(B[ix])), S[ix])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(ix)
    print("epoch", ep, "contrastive loss %.4f" % (tot / len(A)))

enc.eval()
with torch.no_grad():
    d = distance(enc(tA), enc(tB))
near = (d < MARGIN / 2).float()
print("held-out third of the genomes: pair accuracy %.3f" % (near == tS).float().mean())
print("AUC %.3f" % roc_auc_score(tS.numpy(), -np.nan_to_num(d.numpy())))
