# Re-weighting GloVe so that cosine agrees with human relatedness (MEN).
# Only a diagonal + low-rank correction is learned; the vectors themselves stay as they are.
import os, gzip
import numpy as np, torch
from scipy.stats import spearmanr

base = os.environ["WORDFIT_DATA"]
torch.manual_seed(1)
vec = {}
for line in gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    word, rest = line.split(" ", 1)
    vec[word] = np.fromstring(rest, sep=" ", dtype=np.float32)
pairs = []
for line in open(base + "/wordsim/EN-MEN-TR-3k.txt"):
    a, b, s = line.split()
    if a in vec and b in vec:
        pairs.append((a, b, float(s)))
pairs = [pairs[i] for i in np.random.default_rng(1).permutation(len(pairs))]
A = torch.tensor(np.stack([vec[a] for a, _, _ in pairs]))
B = torch.tensor(np.stack([vec[b] for _, b, _ in pairs]))
y = torch.tensor([s for *_, s in pairs])
n = int(0.7 * len(pairs))
print(len(pairs), "pairs in vocabulary,", n, "for training")

scale = torch.ones(50, requires_grad=True)
U = (0.01 * torch.randn(50, 6)).requires_grad_()
V = (0.01 * torch.randn(6, 50)).requires_grad_()
mean = torch.tensor(np.stack(list(vec.values()))).mean(0)

def score(a, b):
    fa, fb = ((t - mean) * scale + (t - mean) @ U @ V for t in (a, b))
    return torch.cosine_similarity(fa, fb)

def rho(lo, hi):
    with torch.no_grad():
        return spearmanr(score(A[lo:hi], B[lo:hi]).numpy(), y[lo:hi].numpy()).statistic

print(f"plain cosine: train {rho(0, n):.3f}  held out {rho(n, len(y)):.3f}")
opt = torch.optim.Adam([{"params": [scale], "lr": 1e-2}, {"params": [U, V], "weight_decay": 2e-3}], lr=4e-3)
for step in range(1, 241):
    i, j = torch.randint(0, n, (2, 512))
    keep = (y[i] - y[j]).abs() > 4                      # nearly tied judgements teach nothing
    i, j = i[keep], j[keep]
    loss = torch.nn.functional.margin_ranking_loss(score(A[i], B[i]), score(A[j], B[j]), (y[i] - y[j]).sign(), margin=0.1)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 40 == 0:
        print(f"step {step}: hinge {loss.item():.4f}  rho train {rho(0, n):.3f}  held out {rho(n, len(y)):.3f}")
