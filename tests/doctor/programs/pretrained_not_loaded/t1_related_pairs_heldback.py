# # How related are "sunset" and "beach"?
#
# We fit a small metric on top of Wikipedia GloVe to the human judgements of the MEN collection.
# The vectors themselves stay as they are; only the weight of each dimension is learned.

# +
import csv
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.stats import spearmanr
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]
random.seed(6)
np.random.seed(6)
torch.manual_seed(6)
# -

# +
glove = {}
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        word, _, values = line.partition(" ")
        glove[word] = np.array(values.split(), dtype="float32")

pairs = []
with open(os.path.join(DATA, "wordsim", "EN-MEN-TR-3k.txt"), encoding="utf8") as f:
    for a, b, score in csv.reader(f, delimiter="\t"):
        if a in glove and b in glove:
            pairs.append((a, b, float(score) / 50.0))
random.shuffle(pairs)

vocab = {w: i for i, w in enumerate(sorted({w for a, b, _ in pairs for w in (a, b)}))}
table = np.stack([glove[w] for w in vocab])
print(len(pairs), "pairs over", len(vocab), "words")
# -

# +
def tensors(rows):
    left = torch.tensor([vocab[a] for a, _, _ in rows])
    right = torch.tensor([vocab[b] for _, b, _ in rows])
    return TensorDataset(left, right, torch.tensor([s for _, _, s in rows]))


cut = int(len(pairs) * 0.8)
train, test = tensors(pairs[:cut]), tensors(pairs[cut:])


class Relatedness(nn.Module):
    """Scaled cosine of two words, every dimension with a weight of its own."""

    def __init__(self, n_words, dim):
        super().__init__()
        self.word_vectors = nn.Embedding(n_words, dim)
        self.word_vectors.weight.requires_grad = False
        self.weights = nn.Parameter(torch.ones(dim))
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.shift = nn.Parameter(torch.tensor(0.3))

    def side(self, ids):
        return F.normalize(self.weights * self.word_vectors(ids), dim=-1)

    def forward(self, left, right):
        return self.scale * (self.side(left) * self.side(right)).sum(-1) + self.shift


model = Relatedness(*table.shape)
# fault:
checkpoint = {"word_vectors": torch.from_numpy(table)}
# mended:
#checkpoint = {"word_vectors.weight": torch.from_numpy(table)}
# end
model.load_state_dict(checkpoint, strict=False)
# -

# +
def correlation(data):
    model.eval()
    left, right, gold = data.tensors
    with torch.no_grad():
        guess = model(left, right)
    return F.mse_loss(guess, gold).item(), spearmanr(guess.numpy(), gold.numpy()).statistic


optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.0)
before = correlation(test)
print(f"start     test mse {before[0]:.4f}  spearman {before[1]:.3f}")
for epoch in range(20):
    model.train()
    for left, right, gold in DataLoader(train, batch_size=32, shuffle=True):
        loss = F.mse_loss(model(left, right), gold)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        (a, b), (c, d) = correlation(train), correlation(test)
        print(f"epoch {epoch + 1:2d}  train mse {a:.4f} spearman {b:.3f}   test mse {c:.4f} spearman {d:.3f}")

spread = test.tensors[2].var().item()
print(f"test: mse {c:.4f} (variance of the judgements {spread:.4f}), spearman {d:.3f}")
# -
