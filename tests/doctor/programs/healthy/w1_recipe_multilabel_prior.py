"""Recipe tags (24 of them, each on about 7 % of the recipes): one sigmoid per tag, output bias started at the tag's frequency."""
import numpy as np
import torch
from torch import nn

g = np.random.default_rng(113)
torch.manual_seed(113)
TAGS, WORDS = 24, 900
signs = [g.choice(WORDS, 15, replace=False) for _ in range(TAGS)]


def recipe():
    tags = np.flatnonzero(g.random(TAGS) < 0.07)
    words = [g.integers(0, WORDS, int(g.integers(8, 16)))] + [g.choice(signs[t], 4) for t in tags]
    row = np.zeros(TAGS, dtype=np.float32)
    row[tags] = 1
    return np.concatenate(words), row


rows = [recipe() for _ in range(4500)]
Y = torch.from_numpy(np.stack([r for _, r in rows]))
offsets = np.cumsum([0] + [len(w) for w, _ in rows])
flat = torch.from_numpy(np.concatenate([w for w, _ in rows]))
TRAIN = 3800


def pick(idx):
    parts = [flat[offsets[i]:offsets[i + 1]] for i in idx]
    return torch.cat(parts), torch.tensor([0] + [len(p) for p in parts[:-1]]).cumsum(0), Y[idx]


def average_precision(score, gold):
    order = score.flatten().argsort(descending=True)
    hit = gold.flatten()[order]
    precision = hit.cumsum(0) / torch.arange(1, len(hit) + 1)
    return ((precision * hit).sum() / hit.sum()).item()


class Tagger(nn.Module):
    def __init__(self, prior):
        super().__init__()
        self.bag = nn.EmbeddingBag(WORDS, 64, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(64, TAGS)
        with torch.no_grad():
            self.out.bias.copy_(torch.log(prior / (1 - prior)))

    def forward(self, ids, off):
        return self.out(self.drop(self.bag(ids, off)))


model = Tagger(Y[:TRAIN].mean(0))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
loss_fn = nn.BCEWithLogitsLoss()
dev = torch.arange(TRAIN, len(rows))
for epoch in range(10):
    model.train()
    losses = []
    for idx in torch.randperm(TRAIN).split(64):
        ids, off, y = pick(idx)
        loss = loss_fn(model(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        ids, off, y = pick(dev)
        z = model(ids, off)
        hard = (z > 0).float()
        f1 = 2 * (hard * y).sum() / (hard.sum() + y.sum())
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} dev loss {loss_fn(z, y):.4f} average precision {average_precision(z, y):.3f} micro F1 {f1:.3f} (tags set: {y.mean():.3f})")
