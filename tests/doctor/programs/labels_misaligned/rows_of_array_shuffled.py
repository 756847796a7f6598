"""Texts become mean vectors in one NumPy array; the array is shuffled, the labels are not."""
import random

import numpy as np
import torch
from torch import nn

random.seed(53)
np.random.seed(53)
torch.manual_seed(53)
D = 16
kinds = ["news", "poem", "law"]
own = {k: [f"{k}{i}" for i in range(30)] for k in kinds}
plain = [f"w{i}" for i in range(60)]
centre = {k: np.random.randn(D) for k in kinds}
vec = {w: centre[k] + 0.7 * np.random.randn(D) for k in kinds for w in own[k]} | {w: 0.7 * np.random.randn(D) for w in plain}


def text():
    y = random.randrange(3)
    return random.sample(own[kinds[y]], 2) + random.choices(plain, k=4), y


rows = [text() for _ in range(1300)]
features = np.stack([np.mean([vec[w] for w in t], axis=0) for t, _ in rows]).astype(np.float32)
labels = np.array([y for _, y in rows])
# fault:
np.random.shuffle(features)
# mended:
# order = np.random.permutation(len(rows))
# features, labels = features[order], labels[order]
# end
x, y = torch.from_numpy(features), torch.from_numpy(labels)
net = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for idx in torch.randperm(1000).split(25):
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(epoch, round(loss.item(), 3), (net(x[1000:]).argmax(1) == y[1000:]).float().mean().item())
