# Word relatedness regression on MEN with frozen GloVe: learn one diagonal metric + small correction.
# Assignment: "never touch the vectors, only learn how to compare them".
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import spearmanr

torch.manual_seed(12)
rng = np.random.default_rng(12)
BASE = os.environ["WORDFIT_DATA"]


def men():
    out = []
    for line in open(os.path.join(BASE, "wordsim", "EN-MEN-TR-3k.txt"), encoding="utf-8"):
        a, b, s = line.split()
        out.append((a.lower(), b.lower(), float(s)))
    return out


def glove(words):
    found = {}
    with gzip.open(os.path.join(BASE, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            if w in words:
                found[w] = np.fromstring(rest, sep=" ", dtype=np.float32)
    return found


pairs = men()
vec = glove({w for a, b, _ in pairs for w in (a, b)})
pairs = [p for p in pairs if p[0] in vec and p[1] in vec]
names = sorted(vec)
row = {w: i for i, w in enumerate(names)}
table = torch.from_numpy(np.stack([vec[w] for w in names]))
print(len(pairs), "pairs", len(names), "words")

rng.shuffle(pairs)
A = torch.tensor([row[a] for a, _, _ in pairs])
B = torch.tensor([row[b] for _, b, _ in pairs])
S = torch.tensor([float(s) for _, _, s in pairs])
S = S / 50.0
cut = int(0.8 * len(pairs))


class Metric(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(weights, freeze=True)
        d = weights.shape[1]
        self.scale = nn.Parameter(torch.ones(d))
        self.center = nn.Parameter(weights.mean(0).clone())
        self.slope = nn.Parameter(torch.tensor(0.8))
        self.shift = nn.Parameter(torch.tensor(0.3))

    def forward(self, a, b):
        u = (self.lookup(a) - self.center) * self.scale
        v = (self.lookup(b) - self.center) * self.scale
        return self.slope * nn.functional.cosine_similarity(u, v, dim=-1) + self.shift


model = Metric(table)
optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
mse = nn.MSELoss()


def report():
    model.eval()
    with torch.no_grad():
        p = model(A, B)
    return (mse(p[:cut], S[:cut]).item(), mse(p[cut:], S[cut:]).item(),
            spearmanr(p[cut:], S[cut:]).statistic)


print("start   train mse %.4f test mse %.4f rho %.3f" % report())
for epoch in range(1, 7):
    model.train()
    for ix in torch.randperm(cut).split(64):
        optimiser.zero_grad()
        mse(model(A[ix], B[ix]), S[ix]).backward()
        optimiser.step()
    if epoch % 3 == 0:
        print("epoch %2d train mse %.4f test mse %.4f rho %.3f" % (epoch, *report()))
print("mean predictor mse %.4f" % mse(S[:cut].mean().expand(len(S) - cut), S[cut:]).item())
