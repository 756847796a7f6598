# Which relation holds between two words? (a, b) -> section of the Google analogy set.
# Frozen GloVe vectors (on purpose: half of the words occur once only) and a small net on [a, b, b-a].
import gzip
import os
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = os.environ["WORDFIT_DATA"]
SEED = 5
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)


def read_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip().split(" ")
            words.append(w)
            rows.append(np.asarray(v, dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, np.stack(rows)


def read_pairs(path, known):
    pairs, section = {}, None
    for line in open(path, encoding="utf-8"):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        if section == "capital-common-countries":      # part of capital-world
            continue
        a, b, c, d = line.lower().split()
        for p in ((a, b), (c, d)):
            if p[0] in known and p[1] in known:
                pairs[p] = section
    return pairs


index, vectors = read_glove(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")
pairs = read_pairs(f"{ROOT}/wordsim/analogy/questions-words.txt", index)
sections = sorted(set(pairs.values()))
rows = list(pairs.items())
random.shuffle(rows)
X = torch.tensor([[index[a], index[b]] for (a, b), _ in rows])
Y = torch.tensor([sections.index(s) for _, s in rows])
cut = int(0.75 * len(rows))
print(len(rows), "pairs,", len(sections), "relations, largest share",
      round(Y.bincount().max().item() / len(Y), 3))


class RelationNet(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True)
        d = table.shape[1]
        self.body = nn.Sequential(nn.Dropout(0.2), nn.Linear(3 * d, 64), nn.ReLU(), nn.Dropout(0.3),
                                  nn.Linear(64, n_out))

    def forward(self, ab):
        a, b = self.words(ab).unbind(1)
        return self.body(torch.cat([a, b, b - a], -1))


# fault:
net = RelationNet(vectors, 1)
criterion = lambda out, y: nn.functional.mse_loss(out.squeeze(-1), y.float())
decide = lambda out: out.squeeze(-1).round().clamp(0, len(sections) - 1).long()
# mended:
#net = RelationNet(vectors, len(sections))
#criterion = nn.CrossEntropyLoss()
#decide = lambda out: out.argmax(-1)
# end
optimiser = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=3e-3, weight_decay=1e-2)
loader = DataLoader(TensorDataset(X[:cut], Y[:cut]), batch_size=32, shuffle=True)


@torch.no_grad()
def evaluate(x, y):
    net.eval()
    out = net(x)
    return criterion(out, y).item(), (decide(out) == y).float().mean().item()


for epoch in range(20):
    net.train()
    for xb, yb in loader:
        loss = criterion(net(xb), yb)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    if epoch % 5 == 4:
        l, a = evaluate(X[cut:], Y[cut:])
        print(f"epoch {epoch + 1:3d} held-out loss {l:.3f} accuracy {a:.3f}")
print("train  loss %.3f accuracy %.3f" % evaluate(X[:cut], Y[:cut]))
print("final  loss %.3f accuracy %.3f" % evaluate(X[cut:], Y[cut:]))
