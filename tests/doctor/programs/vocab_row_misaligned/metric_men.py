"""Learn a metric over GloVe from part of the MEN judgements and rank the rest with it."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

torch.manual_seed(22)
data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
words, rows = [], []
with gzip.open(data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split(" ")
        words.append(w)
        rows.append(np.array(v, dtype=np.float32))
# fault:
word2id = {w: i + 1 for i, w in enumerate(words)}  # 0 stays free
matrix = np.stack(rows + [np.mean(rows, axis=0)])
# mended:
# word2id = {w: i + 1 for i, w in enumerate(words)}  # 0 stays free
# matrix = np.stack([np.mean(rows, axis=0)] + rows)
# end

pairs = []
with open(data / "wordsim/EN-MEN-TR-3k.txt", encoding="utf-8") as f:
    for line in f:
        a, b, s = line.split()
        if a in word2id and b in word2id:
            pairs.append((word2id[a], word2id[b], float(s) / 50))
order = torch.randperm(len(pairs))
A, B = (torch.tensor([p[k] for p in pairs])[order] for k in (0, 1))
S = torch.tensor([p[2] for p in pairs])[order]
n = len(S) * 2 // 3
print(len(words), "vectors,", len(pairs), "pairs")


class Metric(nn.Module):
    def __init__(self, matrix, k=40):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True)
        self.map = nn.Linear(50, k, bias=False)
        self.scale = nn.Parameter(torch.tensor([1.0, 1.0]))

    def forward(self, a, b):
        c = torch.cosine_similarity(self.map(self.table(a)), self.map(self.table(b)))
        return self.scale[0] * c + self.scale[1]


model = Metric(matrix)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3)
for epoch in range(15):
    for i in torch.randperm(n).split(32):
        loss = nn.functional.mse_loss(model(A[i], B[i]), S[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            rho = spearmanr(model(A[n:], B[n:]).numpy(), S[n:].numpy()).statistic
        print(f"epoch {epoch + 1} loss {loss.item():.4f} Spearman on the other pairs {rho:.3f}")
