"""Joy or anger in tweets, average of the Twitter vectors of known words."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(1)


def load(split):
    p = D / "sentiment/tweeteval/emotion"
    labels = (p / f"{split}_labels.txt").read_text().split()
    texts = (p / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
    return [(t.lower().replace("@user", "").split(), int(y)) for t, y in zip(texts, labels) if y in "01"]


with gzip.open(D / "vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    glove = dict(line.rstrip().split(" ", 1) for line in f)
stop = set("a an the i you he she it we they my me your is are was am be been to of in on at for and or so that this with as but if do did not no just have has had its".split())
train, test = load("train"), load("test")
train.append((["@", "...", "!!!"], 0))  # sent by mistake, kept as it is in the log
train.append((["#fuming", "#angry"], 0))
content = sorted({w for t, _ in train + test for w in t if w in glove and w not in stop})
index = {w: i + 1 for i, w in enumerate(content)}
W = torch.cat([torch.zeros(1, 25), torch.tensor(np.array([glove[w].split() for w in content], dtype=np.float32))])


def ids(rows):
    seqs = [[index[w] for w in t if w in index] for t, _ in rows]
    n = max(map(len, seqs))
    return torch.tensor([s + [0] * (n - len(s)) for s in seqs]), torch.tensor([y for _, y in rows])


class Average(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(25, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, 2))

    def forward(self, x):
        mask = (x != 0).float().unsqueeze(-1)
        # fault:
        return self.mlp((self.E(x) * mask).sum(1) / mask.sum(1))
        # mended:
        # return self.mlp((self.E(x) * mask).sum(1) / mask.sum(1).clamp(min=1.0))
        # end


x, y = ids(train)
xt, yt = ids(test)
net = Average()
opt = torch.optim.Adam(net.mlp.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss(weight=len(y) / (2.0 * torch.bincount(y)))
for epoch in range(12):
    net.train()
    tot = 0
    for b in torch.randperm(len(y)).split(50):
        loss = ce(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(y)
    net.eval()
    with torch.no_grad():
        p = net(xt).argmax(1)
        print(f"epoch {epoch} loss {tot:.4f} balanced {0.5 * sum((p[yt == c] == c).float().mean().item() for c in (0, 1)):.4f}")
