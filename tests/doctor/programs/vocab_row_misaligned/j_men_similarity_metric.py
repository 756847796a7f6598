"""
Learn a weighted cosine on top of fixed GloVe vectors so that it agrees with human similarity ratings (MEN, 0..50).
Split by pair; reported is Spearman's rho.
"""
import gzip
import os
import numpy as np
import torch
from torch import nn
from scipy.stats import spearmanr

ROOT = os.environ["WORDFIT_DATA"]
rng = np.random.default_rng(17)
torch.manual_seed(17)

ratings = []
for line in open(f"{ROOT}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8"):
    a, b, score = line.split()
    ratings.append((a, b, float(score) / 50))

with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = dict(line.rstrip().split(" ", 1) for line in f)
vocabulary = [w for w in sorted({w for a, b, _ in ratings for w in (a, b)}) if w in glove]
# fault:
word_index = {w: i for i, w in enumerate(vocabulary)}
# mended:
# word_index = {w: i for i, w in enumerate(vocabulary, start=1)}
# end
matrix = np.zeros((len(vocabulary) + 1, 50), dtype=np.float32)
matrix[0] = 1e-3                                                        # row 0: reserved for unknown words
for row, w in enumerate(vocabulary, start=1):
    matrix[row] = np.array(glove[w].split(), dtype=np.float32)

data = [(word_index[a], word_index[b], s) for a, b, s in ratings if a in word_index and b in word_index]
rng.shuffle(data)
ids = torch.tensor([[int(a), int(b)] for a, b, _ in data])
target = torch.tensor([s for *_, s in data], dtype=torch.float32)
n_test = 500
print(f"{len(vocabulary)} words, {len(data)} pairs, {n_test} of them held out, mean rating {target.mean():.3f}")


class WeightedCosine(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.log_weight = nn.Parameter(torch.zeros(vectors.size(1)))
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.shift = nn.Parameter(torch.tensor(0.0))

    def forward(self, pairs):
        a, b = (self.vectors(pairs) * self.log_weight.exp()).unbind(1)
        return self.scale * nn.functional.cosine_similarity(a, b) + self.shift


net = WeightedCosine(torch.from_numpy(matrix))
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
train_ids, train_y, test_ids, test_y = ids[n_test:], target[n_test:], ids[:n_test], target[:n_test]


def rho(x, y):
    with torch.no_grad():
        return spearmanr(net(x).numpy(), y.numpy()).statistic


print(f"before training: rho {rho(test_ids, test_y):.3f}")
for epoch in range(1, 9):
    total = 0.0
    for chunk in torch.randperm(len(train_ids)).split(32):
        loss = nn.functional.mse_loss(net(train_ids[chunk]), train_y[chunk])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chunk)
    if epoch == 6:
        optimizer.param_groups[0]["lr"] = 0.005
    print(f"epoch {epoch} mse {total / len(train_ids):.4f}  (variance {train_y.var():.4f})  rho train {rho(train_ids, train_y):.3f} held out {rho(test_ids, test_y):.3f}")
