"""Human relatedness of word pairs (MEN, 3000 pairs), predicted from GloVe.

pred = scale * cos(A x, A y) + offset, where A starts as the identity and x, y are rows of the fixed table.
Spearman's rho against the human judgements is what counts.
"""
import gzip
import os

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

base = os.environ["WORDFIT_DATA"]
torch.manual_seed(77)
# fault:
EMB_DIM = 64
# mended:
# EMB_DIM = 50
# end

words, values = [], []
with gzip.open(os.path.join(base, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        fields = line.rstrip().split(" ")
        words.append(fields[0])
        values.append(np.asarray(fields[1:], dtype=np.float32))
table = np.resize(np.stack(values), (len(words), EMB_DIM))
table = (table - table.mean(0)) / table.std(0)
row = {w: i for i, w in enumerate(words)}

pairs = []
with open(os.path.join(base, "wordsim", "EN-MEN-TR-3k.txt"), encoding="utf-8") as f:
    for line in f:
        a, b, score = line.split()
        if a in row and b in row:
            pairs.append((row[a], row[b], float(score) / 50))
pairs = torch.tensor(pairs, dtype=torch.float64)[torch.randperm(len(pairs))]
A, B, Y = pairs[:, 0].long(), pairs[:, 1].long(), pairs[:, 2].float()
n = int(0.75 * len(Y))
print(f"{n} training pairs, {len(Y) - n} test pairs, table {table.shape}")


class Relatedness(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight)
        self.proj = nn.Linear(weight.shape[1], weight.shape[1], bias=False)
        nn.init.eye_(self.proj.weight)
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.offset = nn.Parameter(torch.tensor(0.4))

    def forward(self, a, b):
        x, y = self.proj(self.emb(a)), self.proj(self.emb(b))
        return self.scale * nn.functional.cosine_similarity(x, y) + self.offset


model = Relatedness(torch.from_numpy(table))
opt = torch.optim.Adam([{"params": [model.proj.weight], "lr": 3e-4},
                        {"params": [model.scale, model.offset], "lr": 2e-2}])


def report():
    model.eval()
    with torch.no_grad():
        p = model(A, B)
    mse = ((p - Y) ** 2)
    return (mse[:n].mean().item(), spearmanr(p[:n], Y[:n])[0], mse[n:].mean().item(), spearmanr(p[n:], Y[n:])[0])


print("constant predictor, test mse %.4f" % ((Y[n:] - Y[:n].mean()) ** 2).mean().item())
for epoch in range(8):
    model.train()
    for idx in torch.randperm(n).split(32):
        loss = nn.functional.mse_loss(model(A[idx], B[idx]), Y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch %d  train mse %.4f rho %.3f  test mse %.4f rho %.3f" % (epoch, *report()))
