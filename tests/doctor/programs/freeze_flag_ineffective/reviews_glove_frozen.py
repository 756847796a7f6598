"""Customer reviews (Hu and Liu) with GloVe 50d. We have few labelled reviews, so the vectors stay as they are and only the layers above learn."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

SEED = 5
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]

rows = []
for name, label in (("custrev.pos", 1), ("custrev.neg", 0)):
    with open(os.path.join(DATA, "sentiment", "CR", name), encoding="latin-1") as f:
        part = [(line.split()[:40], label) for line in f if line.strip()]
    random.shuffle(part)
    rows += part[:1300]
random.shuffle(rows)
train_rows, test_rows = rows[:1000], rows[1000:]

glove = {}
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        glove[w] = np.array(v, dtype=np.float32)
vocab = ["<pad>"] + sorted({w for t, _ in rows for w in t if w in glove})
index = {w: i for i, w in enumerate(vocab)}
matrix = np.stack([np.zeros(50, dtype=np.float32)] + [glove[w] for w in vocab[1:]])


class ReviewNet(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embeddings = nn.Embedding.from_pretrained(torch.from_numpy(weights).clone(), freeze=False, padding_idx=0)
        self.dropout = nn.Dropout(0.1)
        self.hidden = nn.Linear(50, 16)
        self.classifier = nn.Linear(16, 2)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        mean = self.embeddings(x).sum(1) / n
        return self.classifier(torch.relu(self.hidden(self.dropout(mean))))


def encode(rows):
    ids = [[index[w] for w in t if w in index] for t, _ in rows]
    T = max(map(len, ids))
    return torch.tensor([i + [0] * (T - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


model = ReviewNet(matrix)
FREEZE = ["embeddings"]
for name, param in model.named_parameters():
    # fault:
    if name in FREEZE:
        param.requires_grad = False
    # mended:
    # if name.split(".")[0] in FREEZE:
    #     param.requires_grad = False
    # end

optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
loss_fn = nn.CrossEntropyLoss()
train_all, test_all = encode(train_rows), encode(test_rows)


def score(x, y):
    model.eval()
    with torch.no_grad():
        z = model(x)
    return (z.argmax(1) == y).float().mean().item(), loss_fn(z, y).item()


for epoch in range(25):
    model.train()
    order = torch.randperm(len(train_rows))
    for idx in order.split(25):
        optimizer.zero_grad()
        loss = loss_fn(model(train_all[0][idx]), train_all[1][idx])
        loss.backward()
        optimizer.step()
    (a, l), (b, m) = score(*train_all), score(*test_all)
    print(f"epoch {epoch + 1:2d}: train acc {a:.3f} loss {l:.3f}   test acc {b:.3f} loss {m:.3f}")

moved = (model.embeddings.weight.detach() - torch.from_numpy(matrix)).norm(dim=1)
print(f"vectors: {len(vocab)}, mean distance to GloVe {moved.mean():.4f}, largest {moved.max():.4f}")
