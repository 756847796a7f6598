"""
Is a forum post about a paid product?  Bag of tags, starting from vectors trained elsewhere and tuning them.
Posts arrive as a stream and are seen once; many tags are rare.
"""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 2
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
N_TAGS, DIM, PER_POST, LR = 4000, 16, 6, 0.03

# vectors of the tags, as they came from the co-occurrence model
tag_vectors = rng.normal(0, 1, (N_TAGS, DIM)).astype(np.float32)
direction = rng.normal(0, 1, DIM); direction /= np.linalg.norm(direction)
meaning = tag_vectors @ direction + rng.normal(0, 0.25, N_TAGS)

freq = 1 / np.arange(1, N_TAGS + 1) ** 0.6
freq /= freq.sum()


def posts(n):
    x = rng.choice(N_TAGS, size=(n, PER_POST), p=freq)
    y = (meaning[x].mean(1) + rng.normal(0, 0.05, n) > 0).astype(np.float32)
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


train_dl = DataLoader(posts(4800), batch_size=8, shuffle=True)
valid_ds = posts(1500)


class TagBag(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.tags = nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="mean")
        # mended:
        # self.tags = nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="mean", sparse=True)
        # end
        self.out = nn.Linear(vectors.shape[1], 1)

    def forward(self, x):
        return self.out(self.tags(x)).squeeze(-1)


model = TagBag(torch.from_numpy(tag_vectors))
before = model.tags.weight.detach().clone()
# fault:
optimizers = [torch.optim.Adam(model.parameters(), lr=LR)]
# mended:
# optimizers = [torch.optim.SparseAdam(model.tags.parameters(), lr=LR), torch.optim.Adam(model.out.parameters(), lr=LR)]
# end
schedulers = [torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.1, total_iters=len(train_dl)) for o in optimizers]
criterion = nn.BCEWithLogitsLoss()


def evaluate():
    model.eval()
    x, y = valid_ds.tensors
    with torch.no_grad():
        z = model(x)
    return criterion(z, y).item(), ((z > 0).float() == y).float().mean().item()


running, right = 0.0, 0
for step, (x, y) in enumerate(train_dl, 1):
    model.train()
    logits = model(x)
    loss = criterion(logits, y)
    for o in optimizers: o.zero_grad()
    loss.backward()
    for o in optimizers: o.step()
    for s in schedulers: s.step()
    running += loss.item() / 120
    right += ((logits > 0).float() == y).sum().item()
    if step % 120 == 0:
        vl, va = evaluate()
        print(f"{step * 8:5d} posts  stream loss {running:.3f} acc {right / 960:.3f}   valid loss {vl:.3f} acc {va:.3f}")
        running, right = 0.0, 0
moved = (model.tags.weight.detach() - before).norm(dim=1)
print(f"vectors moved by {moved.mean():.3f} on average (length {before.norm(dim=1).mean():.3f})")
