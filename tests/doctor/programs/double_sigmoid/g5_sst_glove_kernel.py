#!/usr/bin/env python
# coding: utf-8

# In[1]:
import gzip
import os
import gc

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]
SEED = 2019
MAX_LEN = 32
EMBED = 50
np.random.seed(SEED)
torch.manual_seed(SEED)

# In[2]:
def read_split(name, limit=None):
    texts, labels, seen = [], [], set()
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        for line in f:
            y, t = line.rstrip("\n").split(" ", 1)
            if t in seen:
                continue
            seen.add(t)
            texts.append(t.split())
            labels.append(int(y))
    return texts[:limit], labels[:limit]


train_x, train_y = read_split("train")
val_x, val_y = read_split("dev")
known = {" ".join(t) for t in train_x}
keep = [i for i, t in enumerate(val_x) if " ".join(t) not in known]
val_x, val_y = [val_x[i] for i in keep], [val_y[i] for i in keep]
print("train", len(train_x), "val", len(val_x), "positive rate", np.mean(val_y).round(3))

# In[3]:
words = {w for t in train_x + val_x for w in t}
vectors = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.rstrip().split(" ", 1)
        if w in words:
            vectors[w] = np.array(rest.split(), dtype=np.float32)
word_index = {w: i + 1 for i, w in enumerate(sorted(vectors))}
embedding_matrix = np.zeros((len(word_index) + 1, EMBED), dtype=np.float32)
for w, i in word_index.items():
    embedding_matrix[i] = vectors[w]
print("words with a vector:", len(word_index), "of", len(words))
del vectors
gc.collect()

# In[4]:
def pad(texts):
    out = np.zeros((len(texts), MAX_LEN), dtype=np.int64)
    for r, t in enumerate(texts):
        ids = [word_index[w] for w in t if w in word_index][:MAX_LEN]
        out[r, :len(ids)] = ids
    return torch.from_numpy(out)


train_ds = TensorDataset(pad(train_x), torch.tensor(train_y, dtype=torch.float32))
val_ds = TensorDataset(pad(val_x), torch.tensor(val_y, dtype=torch.float32))
train_loader = DataLoader(train_ds, batch_size=128, shuffle=True)
val_loader = DataLoader(val_ds, batch_size=512)

# In[5]:
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(embedding_matrix), freeze=True, padding_idx=0)
        self.head = nn.Sequential(
            nn.LayerNorm(EMBED * 2),
            nn.Linear(EMBED * 2, 24),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(24, 1),
            # fault:
            nn.Sigmoid(),
            # mended:
            #
            # end
        )

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1)
        e = self.embedding(x)
        avg = (e * mask).sum(1) / mask.sum(1).clamp(min=1)
        sd = (((e - avg.unsqueeze(1)) ** 2 * mask).sum(1) / mask.sum(1).clamp(min=1) + 1e-6).sqrt()
        return self.head(torch.cat([avg, sd], 1)).squeeze(1)


model = Net()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.7)

# In[6]:
for epoch in range(10):
    model.train()
    avg_loss = 0.
    for xb, yb in train_loader:
        y_pred = model(xb)
        loss = loss_fn(y_pred, yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        avg_loss += loss.item() / len(train_loader)
    scheduler.step()
    model.eval()
    preds, val_loss = [], 0.
    with torch.no_grad():
        for xb, yb in val_loader:
            out = model(xb)
            val_loss += loss_fn(out, yb).item() / len(val_loader)
            preds.append(torch.sigmoid(out).numpy())
    preds = (np.concatenate(preds) > 0.5).astype(int)
    print("Epoch {}/10 \t loss={:.4f} \t val_loss={:.4f} \t val_acc={:.4f}".format(epoch + 1, avg_loss, val_loss, accuracy_score(val_y, preds)))

# In[7]:
print("val accuracy %.4f" % accuracy_score(val_y, preds), "macro F1 %.4f" % f1_score(val_y, preds, average="macro"))
