# customer reviews, EmbeddingBag + Sequential
import os
import random
from collections import Counter

import torch
from torch import nn

random.seed(1)
torch.manual_seed(1)
root = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "sentiment", "CR")
rows = set()
for lab, name in ((0, "custrev.neg"), (1, "custrev.pos")):
    with open(os.path.join(root, name), encoding="latin-1") as f:
        rows |= {(tuple(line.lower().split()), lab) for line in f if line.strip()}
texts = Counter(t for t, _ in rows)
rows = sorted(r for r in rows if texts[r[0]] == 1)
random.shuffle(rows)
dev_rows, train_rows = rows[:600], rows[600:]
count = Counter(w for t, _ in train_rows for w in set(t))
vocab = {w: i for i, (w, c) in enumerate(count.most_common()) if c >= 3}
grams = Counter(g for t, _ in train_rows for g in set(zip(t, t[1:])))
for g, c in grams.most_common():
    if c >= 4:
        vocab[g] = len(vocab)
UNK = len(vocab)


def bag(batch):
    flat, off = [], []
    for t, _ in batch:
        off.append(len(flat))
        flat += sorted({vocab[k] for k in list(t) + list(zip(t, t[1:])) if k in vocab}) or [UNK]
    return torch.tensor(flat), torch.tensor(off), torch.tensor([[float(y)] for _, y in batch])


emb = nn.EmbeddingBag(UNK + 1, 24, mode="mean")
head = nn.Sequential(
    nn.Dropout(0.4),
    nn.Linear(24, 16),
    nn.Tanh(),
    nn.Dropout(0.2),
    nn.Linear(16, 1),
    # fault:
    nn.Sigmoid(),
    # mended:
    # end
)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(list(emb.parameters()) + list(head.parameters()), lr=4e-3, weight_decay=0.02)

for epoch in range(7):
    head.train()
    random.shuffle(train_rows)
    total = 0
    for i in range(0, len(train_rows), 32):
        ids, off, y = bag(train_rows[i : i + 32])
        loss = loss_fn(head(emb(ids, off)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    head.eval()
    ids, off, y = bag(dev_rows)
    with torch.no_grad():
        p = torch.sigmoid(head(emb(ids, off)))
    print(f"epoch {epoch} loss {total / len(train_rows):.4f} dev acc {((p > 0.5) == (y > 0.5)).float().mean():.4f} (positive {y.mean():.3f})")
