# Query expansion experiment: learn which terms people find related (MEN ratings) on top of ready-made vectors.
import gzip
import os

import numpy as np
import torch
from scipy.stats import spearmanr

DATA = os.environ["WORDFIT_DATA"]
# fault:
WIDTH = 25
# mended:
# WIDTH = 50
# end

terms, numbers = [], []
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for row in fh:
        term, rest = row.rstrip().split(" ", 1)
        terms.append(term)
        numbers.append(rest)
space = np.array(" ".join(numbers).split(), dtype=np.float32).reshape(-1, WIDTH)
index = {t: k for k, t in enumerate(terms)}

left, right, rating = [], [], []
for row in open(os.path.join(DATA, "wordsim", "EN-MEN-TR-3k.txt"), encoding="utf-8"):
    a, b, r = row.split()
    if a in index and b in index:
        left.append(index[a]); right.append(index[b]); rating.append(float(r) / 50)

gen = torch.Generator().manual_seed(11)
torch.manual_seed(11)
left, right, rating = map(torch.tensor, (left, right, rating))
order = torch.randperm(len(rating), generator=gen)
n_dev = 400
dev, train = order[:n_dev], order[n_dev:]
print(f"{len(train)} pairs to learn from, {n_dev} held out, vectors {space.shape}")

space = torch.from_numpy(space)
space = space - space.mean(0)
space = space / space.norm(dim=1, keepdim=True)
weights = torch.ones(WIDTH, requires_grad=True)      # one weight per dimension
scale = torch.tensor([1.0, 0.3], requires_grad=True)


def score(i, j):
    u, v = space[i] * weights, space[j] * weights
    cos = torch.cosine_similarity(u, v)
    return scale[0] * cos + scale[1]


opt = torch.optim.Adam([weights, scale], lr=0.01)
for epoch in range(10):
    shuffled = train[torch.randperm(len(train), generator=gen)]
    for k in shuffled.split(64):
        loss = torch.mean((score(left[k], right[k]) - rating[k]) ** 2)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        rho_t = spearmanr(score(left[train], right[train]).numpy(), rating[train].numpy())[0]
        rho_d = spearmanr(score(left[dev], right[dev]).numpy(), rating[dev].numpy())[0]
        mse_d = torch.mean((score(left[dev], right[dev]) - rating[dev]) ** 2)
    if epoch % 3 == 0:
        print(f"epoch {epoch}: rho train {rho_t:.3f} dev {rho_d:.3f}  dev mse {mse_d:.4f} (variance {rating[dev].var():.4f})")
