# How well can human word-relatedness (MEN) be predicted from word vectors? Learnt diagonal metric vs. plain cosine.
import gzip, os
import numpy as np
import torch
from scipy.stats import spearmanr

torch.manual_seed(0)
rng = np.random.RandomState(0)
base = os.environ["WORDFIT_DATA"]

pairs = []
for line in open(f"{base}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8"):
    a, b, s = line.split("\t") if "\t" in line else line.split()
    pairs.append((a.lower(), b.lower(), float(s) / 50.0))
words = {w for a, b, _ in pairs for w in (a, b)}
vec = {}
with gzip.open(f"{base}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in words:
            vec[w] = np.array(rest.split(), dtype=np.float32)
pairs = [p for p in pairs if p[0] in vec and p[1] in vec]
names = sorted({w for a, b, _ in pairs for w in (a, b)})
ix = {w: i for i, w in enumerate(names)}
emb = torch.nn.Embedding.from_pretrained(torch.from_numpy(np.stack([vec[w] for w in names])))
A = torch.tensor([ix[a] for a, _, _ in pairs])
B = torch.tensor([ix[b] for _, b, _ in pairs])
S = torch.tensor([s for _, _, s in pairs])
print(f"{len(pairs)} pairs of {len(names)} words")


class Metric(torch.nn.Module):
    """cosine after a learnt reweighting of the dimensions, then an affine map to the score"""

    def __init__(self, dim):
        super().__init__()
        self.logw = torch.nn.Parameter(torch.zeros(dim))
        self.shift = torch.nn.Parameter(torch.zeros(dim))
        self.a = torch.nn.Parameter(torch.tensor(1.0))
        self.b = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, a, b):
        w = self.logw.exp()
        u, v = (emb(a) - self.shift) * w, (emb(b) - self.shift) * w
        return self.a * torch.cosine_similarity(u, v, dim=1) + self.b


rhos, plain = [], []
for rep in range(3):
    perm = torch.from_numpy(rng.permutation(len(pairs)))
    cut = int(0.8 * len(pairs))
    tr, te = perm[:cut], perm[cut:]
    model = Metric(50)
    opt = torch.optim.Adam(model.parameters(), lr=0.02)
    for epoch in range(15):
        for idx in tr[torch.randperm(len(tr))].split(100):
            opt.zero_grad()
            loss = torch.nn.functional.mse_loss(model(A[idx], B[idx]), S[idx])
            loss.backward()
            opt.step()
        if epoch in (0, 4, 9, 14):
            with torch.no_grad():
                rt = spearmanr(model(A[tr], B[tr]), S[tr])[0]
                rd = spearmanr(model(A[te], B[te]), S[te])[0]
            print(f"split {rep} epoch {epoch + 1:2d}: mse {loss.item():.4f} spearman train {rt:.3f} test {rd:.3f}")
    rhos.append(rd)
    plain.append(spearmanr(torch.cosine_similarity(emb(A[te]), emb(B[te])), S[te])[0])
print(f"plain cosine {np.mean(plain):.3f}   learnt metric {np.mean(rhos):.3f} +- {np.std(rhos):.3f}")
