"""Words that Wikipedia's GloVe lacks could be had from Twitter's GloVe: learn a map from one space into the other.

Scored as a search: for a held-out word, is its own Wikipedia vector among the ten nearest of all candidates?
"""
import gzip
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

VEC = os.path.join(os.environ["WORDFIT_DATA"], "vectors")
torch.manual_seed(77)


def glove(fname, keep=None):
    out = {}
    with gzip.open(os.path.join(VEC, fname), "rt", encoding="utf-8") as fh:
        for line in fh:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word.isalpha() and (keep is None or word in keep):
                out[word] = np.array(rest.split(), dtype=np.float32)
    return out


twitter = glove("glove.twitter.27B.25d.common11925.txt.gz")
wiki = glove("glove.6B.50d.top10361.txt.gz", keep=twitter.keys())
shared = sorted(wiki)
np.random.RandomState(4).shuffle(shared)
src = torch.tensor(np.stack([twitter[w] for w in shared]))
tgt = torch.tensor(np.stack([wiki[w] for w in shared]))
tgt = F.normalize(tgt - tgt.mean(0), dim=1) * 7.0            # unit variance per dimension, roughly
src = (src - src.mean(0)) / src.std(0)
n_held = 500
train = TensorDataset(src[n_held:], tgt[n_held:])
held_x, held_y = src[:n_held], tgt[:n_held]
print(f"{len(train)} shared words to learn from, {n_held} held out")

mapper = nn.Sequential(nn.Linear(25, 192), nn.GELU(), nn.Dropout(0.1), nn.Linear(192, 50))
optimizer = torch.optim.AdamW(mapper.parameters(), lr=3e-3, weight_decay=0.01)
loader = DataLoader(train, batch_size=64, shuffle=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6 * len(loader))


def hits_at_10(x, y):
    mapper.eval()
    with torch.no_grad():
        p = mapper(x)
        sims = F.normalize(p, dim=1) @ F.normalize(y, dim=1).T
        rank = (sims > sims.diagonal().unsqueeze(1)).sum(1)
        return (rank < 10).float().mean().item(), sims.diagonal().mean().item()


print("untrained: hits@10 %.3f, cosine %.3f" % hits_at_10(held_x, held_y))
for epoch in range(6):
    mapper.train()
    seen, total = 0, 0.0
    for xb, yb in loader:
        pred = mapper(xb)
        # fault:
        loss = F.cross_entropy(pred, yb)
        # mended:
        # loss = (1 - F.cosine_similarity(pred, yb, dim=1)).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(xb)
        seen += len(xb)
    h, c = hits_at_10(held_x, held_y)
    ht, ct = hits_at_10(src[n_held:2 * n_held], tgt[n_held:2 * n_held])
    print(f"epoch {epoch + 1}  loss {total / seen:.4f}  held-out hits@10 {h:.3f} cosine {c:.3f}   500 training words: hits@10 {ht:.3f} cosine {ct:.3f}")
