"""Word frequency class from GloVe: vector length carries the frequency."""
import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn

random.seed(128)
torch.manual_seed(128)
path = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "vectors" / "glove.6B.50d.top10361.txt.gz"
vectors = []
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        vectors.append([float(v) for v in line.rstrip().split(" ")[1:]])
vectors = torch.tensor(vectors)
n = len(vectors)
# the file is sorted by frequency; regress the log rank
target = torch.log(torch.arange(1, n + 1).float())
target = (target - target.mean()) / target.std()
order = torch.randperm(n)
train, dev = order[:5000], order[5000:6000]


class RankModel(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.embed = nn.Embedding(n, 50, max_norm=1.0, _weight=vectors.clone())
        # mended:
        # self.embed = nn.Embedding(n, 50, _weight=vectors.clone())
        # end
        self.embed.weight.requires_grad_(False)
        self.layers = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, ids):
        return self.layers(self.embed(ids)).squeeze(-1)


model = RankModel()
opt = torch.optim.Adam(model.layers.parameters(), lr=3e-3)
for epoch in range(10):
    for i in train[torch.randperm(5000)].split(100):
        loss = nn.functional.smooth_l1_loss(model(i), target[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            r = torch.corrcoef(torch.stack([model(dev), target[dev]]))[0, 1].item()
        print(f"epoch {epoch} loss {loss.item():.4f} dev r {r:.4f}")
