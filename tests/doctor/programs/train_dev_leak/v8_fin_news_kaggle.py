#!/usr/bin/env python
# coding: utf-8

# # Financial news sentiment - my first Kaggle style notebook
# (exported with nbconvert)

# In[1]:
import gzip, os, re, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import Counter
from sklearn.model_selection import train_test_split
from sklearn.metrics import f1_score, accuracy_score

random.seed(2023); np.random.seed(2023); torch.manual_seed(2023)
DATA = os.environ["WORDFIT_DATA"]

# In[2]:
texts, labels = [], []
names = ["negative", "neutral", "positive"]
seen = set()
with open(os.path.join(DATA, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="latin-1") as f:
    for line in f:
        sentence, _, label = line.strip().rpartition("@")
        sentence = re.sub(r"\d+([.,]\d+)*", " num ", sentence.lower())
        sentence = " ".join(re.findall(r"[a-z]+", sentence))
        if len(sentence) > 10 and sentence not in seen:
            seen.add(sentence)
            texts.append(sentence)
            labels.append(names.index(label))
texts, labels = np.array(texts, dtype=object), np.array(labels)
print(len(texts), Counter(labels.tolist()))


# In[3]:
def oversample(x, y):
    """repeat the rare classes until all have the same size"""
    top = np.bincount(y).max()
    idx = [np.arange(len(y))]
    for c in np.unique(y):
        where = np.where(y == c)[0]
        idx.append(np.random.choice(where, top - len(where), replace=True))
    idx = np.random.permutation(np.concatenate(idx))
    return x[idx], y[idx]


# In[4]:
# fault:
texts, labels = oversample(texts, labels)
X_tr, X_te, y_tr, y_te = train_test_split(texts, labels, test_size=0.2, stratify=labels, random_state=1)
# mended:
#X_tr, X_te, y_tr, y_te = train_test_split(texts, labels, test_size=0.2, stratify=labels, random_state=1)
#X_tr, y_tr = oversample(X_tr, y_tr)
# end
print("train", X_tr.shape, "test", X_te.shape)

# In[5]:
counts = Counter(w for t in X_tr for w in t.split())
vocab, rows = {}, [np.zeros(50), np.zeros(50)]
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in counts:
            vocab[w] = len(rows)
            rows.append(np.array(rest.split(), dtype=np.float32))
table = torch.tensor(np.stack(rows), dtype=torch.float)
MAXLEN = 24


def vectorize(xs):
    out = np.zeros((len(xs), MAXLEN), dtype=np.int64)
    for r, t in enumerate(xs):
        ids = [vocab.get(w, 1) for w in t.split()][:MAXLEN]
        out[r, :len(ids)] = ids
    return torch.from_numpy(out)


A, B = vectorize(X_tr), vectorize(X_te)
ya, yb = torch.from_numpy(y_tr), torch.from_numpy(y_te)


# In[6]:
class Net(nn.Module):
    def __init__(self, table, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(table.shape[1], hidden, 2)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(hidden, 3)

    def forward(self, ids):
        m = (ids > 0).unsqueeze(-1)
        e = self.embedding(ids)
        h = F.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        return self.fc(self.dropout(h.masked_fill(~m[:, 1:], 0.0).amax(1)))


net = Net(table)
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.01)

# In[7]:
for epoch in range(6):
    net.train()
    perm = torch.randperm(len(A))
    losses = []
    for k in range(0, len(A), 64):
        b = perm[k:k + 64]
        loss = F.cross_entropy(net(A[b]), ya[b])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        logits = net(B)
        vloss = F.cross_entropy(logits, yb).item()
    pred = logits.argmax(1).numpy()
    print(f"epoch {epoch}: loss {np.mean(losses):.3f} val_loss {vloss:.3f} macro-F1 {f1_score(y_te, pred, average='macro'):.3f}")

# In[8]:
with torch.no_grad():
    ptr = net(A).argmax(1).numpy()
print("train macro-F1", round(f1_score(y_tr, ptr, average="macro"), 3))
print("TEST accuracy", round(accuracy_score(y_te, pred), 3), "macro-F1", round(f1_score(y_te, pred, average="macro"), 3))
