"""Learn to weigh the dimensions of GloVe for word similarity (MEN).  Scores of unseen pairs are ranked; Spearman's rho."""
import gzip
import os

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1)
rng = np.random.default_rng(1)
base = os.environ["WORDFIT_DATA"]

tokens, mat = [], []
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        cells = line.rstrip().split(" ")
        tokens.append(cells[0])
        mat.append([float(c) for c in cells[1:]])
mat = np.asarray(mat, dtype=np.float32)
mat /= np.linalg.norm(mat, axis=1, keepdims=True)

SPECIAL = ["<pad>", "<unk>"]
word_to_ix = {w: i for i, w in enumerate(SPECIAL + tokens)}
special_rows = np.zeros((len(SPECIAL), mat.shape[1]), dtype=np.float32)
# fault:
weights = np.concatenate([mat, special_rows])
# mended:
# weights = np.concatenate([special_rows, mat])
# end

pairs = []
with open(base + "/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8") as f:
    for line in f:
        a, b, s = line.split()
        if a in word_to_ix and b in word_to_ix:
            pairs.append((word_to_ix[a], word_to_ix[b], float(s) / 50))
pairs = [pairs[i] for i in rng.permutation(len(pairs))]
left, right = (torch.tensor([p[k] for p in pairs]) for k in (0, 1))
gold = torch.tensor([p[2] for p in pairs])
n_dev = len(pairs) // 4
print(len(pairs), "pairs with vectors,", n_dev, "held out")


class WeightedCosine(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.from_numpy(table))
        self.log_scale = nn.Parameter(torch.zeros(table.shape[1]))
        self.affine = nn.Linear(1, 1)

    def forward(self, a, b):
        w = self.log_scale.exp()
        va, vb = self.table(a) * w, self.table(b) * w
        return self.affine(torch.cosine_similarity(va, vb).unsqueeze(1)).squeeze(1)


def rho(a, b):
    ra, rb = a.argsort().argsort().double(), b.argsort().argsort().double()
    return torch.corrcoef(torch.stack([ra, rb]))[0, 1].item()


model = WeightedCosine(weights)
opt = torch.optim.Adam([model.log_scale, *model.affine.parameters()], lr=2e-2)
for epoch in range(1, 16):
    model.train()
    for i in (n_dev + torch.randperm(len(pairs) - n_dev)).split(64):
        loss = nn.functional.mse_loss(model(left[i], right[i]), gold[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        model.eval()
        with torch.no_grad():
            p = model(left[:n_dev], right[:n_dev])
        print(f"epoch {epoch:2d} last loss {loss.item():.4f} dev mse {nn.functional.mse_loss(p, gold[:n_dev]).item():.4f} rho {rho(p, gold[:n_dev]):.3f}")
print("variance of the scores:", gold[:n_dev].var().item())
