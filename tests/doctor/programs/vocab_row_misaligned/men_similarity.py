"""How related are two words?  MEN (3000 pairs, 0 to 50), a learned metric on top of frozen GloVe.
score = sigmoid(a * cos(M u, M v) + b), M starts at the identity."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

DATA = os.environ["WORDFIT_DATA"]
random.seed(2)
torch.manual_seed(2)

with open(f"{DATA}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8") as f:
    pairs = [(a, b, float(s) / 50) for a, b, s in (line.split() for line in f)]
wanted = {w for a, b, _ in pairs for w in (a, b)}


def glove_lines():
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.rstrip().split(" ", 1)
            yield word, values


found = [(word, np.fromstring(values, sep=" ", dtype=np.float32)) for word, values in glove_lines() if word in wanted]
# fault:
vocab = {word: i for i, word in enumerate(sorted(word for word, _ in found))}
# mended:
# vocab = {word: i for i, (word, _) in enumerate(found)}
# end
table = torch.from_numpy(np.stack([v for _, v in found]))
pairs = [p for p in pairs if p[0] in vocab and p[1] in vocab]
random.shuffle(pairs)
n_dev = len(pairs) // 4
print(f"{len(vocab)} words with a vector, {len(pairs)} pairs, {n_dev} of them held out")


def tensors(rows):
    return (torch.tensor([vocab[a] for a, _, _ in rows]), torch.tensor([vocab[b] for _, b, _ in rows]),
            torch.tensor([s for _, _, s in rows]))


dev, train = tensors(pairs[:n_dev]), tensors(pairs[n_dev:])
table = table - table.mean(0)
M = torch.eye(50, requires_grad=True)
a = torch.tensor(3.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)


def score(i, j):
    return torch.sigmoid(a * F.cosine_similarity(table[i] @ M, table[j] @ M, dim=-1) + b)


def loss_of(i, j, s):
    return (score(i, j) - s).square().mean() + 3e-2 * (M - torch.eye(50)).square().sum() / 50


opt = torch.optim.Adam([{"params": [M], "lr": 3e-3}, {"params": [a, b], "lr": 3e-2}])
EPOCHS = 40
for epoch in range(EPOCHS):
    i, j, s = train
    for idx in torch.randperm(len(s)).split(50):
        loss = loss_of(i[idx], j[idx], s[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    for group in opt.param_groups:
        group["lr"] *= 0.95
    if (epoch + 1) % 10 == 0:
        with torch.no_grad():
            rho_train = spearmanr(score(*train[:2]), train[2]).statistic
            rho = spearmanr(score(*dev[:2]), dev[2]).statistic
        print(f"epoch {epoch + 1:3d}  mse {loss_of(*train).item():.4f}  spearman train {rho_train:.3f} dev {rho:.3f}")
