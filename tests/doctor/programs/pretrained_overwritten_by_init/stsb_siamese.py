"""STS-B regression with a siamese mean encoder over GloVe."""
import csv
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(7)


def load_split(name):
    with open(os.path.join(DATA, "glue/STS-B", name + ".tsv"), encoding="utf-8") as f:
        rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    tok = lambda s: re.findall(r"[a-z0-9]+", s.lower())
    return [(tok(r[7]), tok(r[8]), float(r[9])) for r in rows if len(r) >= 10]


train_rows, dev_rows = load_split("train"), load_split("dev")
glove = {}
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    wanted = {w for a, b, _ in train_rows + dev_rows for w in a + b}
    for line in f:
        w, v = line.rstrip().split(" ", 1)
        if w in wanted:
            glove[w] = np.array(v.split(), dtype=np.float32)
vocab = {w: i + 2 for i, w in enumerate(glove)}
vectors = torch.zeros(len(vocab) + 2, 50)
for w, i in vocab.items():
    vectors[i] = torch.from_numpy(glove[w])
vectors[1] = vectors[2:].mean(0)


def ids(rows, side, T=30):
    out = torch.zeros(len(rows), T, dtype=torch.long)
    for i, r in enumerate(rows):
        seq = [vocab.get(w, 1) for w in r[side]][:T] or [1]
        out[i, :len(seq)] = torch.tensor(seq)
    return out


class Siamese(nn.Module):
    def __init__(self, n, d=50, h=48):
        super().__init__()
        self.embed = nn.Embedding(n, d, padding_idx=0)
        self.embed.weight.requires_grad = False
        self.hidden = nn.Linear(2 * d + 1, h)
        self.drop = nn.Dropout(0.3)
        self.score = nn.Linear(h, 1)

    def encode(self, x):
        m = (x > 0).float().unsqueeze(2)
        return (self.embed(x) * m).sum(1) / m.sum(1)

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        cos = torch.cosine_similarity(u, v).unsqueeze(1)
        z = torch.relu(self.hidden(self.drop(torch.cat([(u - v).abs(), u * v, cos], 1))))
        return self.score(z).squeeze(1)


model = Siamese(len(vocab) + 2)
# fault:
model.embed.weight.data.copy_(vectors)
for p in model.parameters():
    if p.dim() > 1:
        nn.init.xavier_uniform_(p)
# mended:
# for p in model.parameters():
#     if p.dim() > 1:
#         nn.init.xavier_uniform_(p)
# model.embed.weight.data.copy_(vectors)
# end
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3, weight_decay=0.01)
EPOCHS = 8
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
loss_fn = nn.MSELoss()
A, B = ids(train_rows, 0), ids(train_rows, 1)
Y = torch.tensor([r[2] for r in train_rows]) / 5
DA, DB = ids(dev_rows, 0), ids(dev_rows, 1)
DY = torch.tensor([r[2] for r in dev_rows]) / 5


def pearson(p, q):
    return torch.corrcoef(torch.stack([p, q]))[0, 1].item()


for epoch in range(EPOCHS):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(Y)).split(64):
        optimizer.zero_grad()
        loss = loss_fn(model(A[idx], B[idx]), Y[idx])
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(idx)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        p = model(DA, DB)
    print(f"epoch {epoch + 1} train mse {tot / len(Y):.4f} dev mse {loss_fn(p, DY):.4f} dev pearson {pearson(p, DY):.3f}")
