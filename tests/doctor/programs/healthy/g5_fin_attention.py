# Is the news good or bad for the company?  Financial PhraseBank without the neutral rows.
# frozen GloVe -> masked attention pooling -> linear; class weights because there is twice as much good news
import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import balanced_accuracy_score
from torch.nn.utils.rnn import pad_sequence

SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
BASE = os.environ["WORDFIT_DATA"]

# ---- read
rows = {}
with open(BASE + "/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="latin-1") as f:
    for line in f:
        text, _, lab = line.rstrip("\n").rpartition("@")
        if lab in ("positive", "negative"):
            toks = re.findall(r"[a-z]+|%", text.lower())
            if toks:
                rows[" ".join(toks[:40])] = int(lab == "positive")
rows = [(t.split(), y) for t, y in rows.items()]
random.shuffle(rows)
valid, train = rows[:400], rows[400:]
print("train", Counter(y for _, y in train), "valid", Counter(y for _, y in valid))

# ---- vectors
need = {w for t, _ in rows for w in t}
itos, mat = ["<pad>", "<unk>"], [np.zeros(50, np.float32), np.zeros(50, np.float32)]
with gzip.open(BASE + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        if w in need:
            itos.append(w)
            mat.append(np.asarray(v, np.float32))
stoi = {w: i for i, w in enumerate(itos)}
mat = torch.from_numpy(np.stack(mat))


def to_batch(part):
    x = pad_sequence([torch.tensor([stoi.get(w, 1) for w in t]) for t, _ in part], batch_first=True)
    return x, torch.tensor([y for _, y in part])


class AttnPool(nn.Module):
    def __init__(self, vectors, dim=16):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.key = nn.Conv1d(50, dim, 1)
        self.val = nn.Conv1d(50, dim, 1)
        self.query = nn.Parameter(torch.randn(dim) / dim ** 0.5)
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(dim, 2)

    def forward(self, x):
        e = F.dropout(self.vec(x), 0.2, self.training).transpose(1, 2)
        score = torch.einsum("bdt,d->bt", torch.tanh(self.key(e)), self.query)
        att = score.masked_fill(x == 0, float("-inf")).softmax(dim=1)
        pooled = (torch.relu(self.val(e)) * att.unsqueeze(1)).sum(2)
        return self.cls(self.drop(pooled))


n_neg = sum(1 - y for _, y in train)
w = torch.tensor([len(train) / (2 * n_neg), len(train) / (2 * (len(train) - n_neg))])
model = AttnPool(mat)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=6e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)

for epoch in range(7):
    model.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 32):
        x, y = to_batch(train[i:i + 32])
        loss = F.cross_entropy(model(x), y, weight=w)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(y)
    sched.step()
    model.eval()
    with torch.no_grad():
        res = []
        for part in (train, valid):
            x, y = to_batch(part)
            out = model(x)
            res += [F.cross_entropy(out, y, weight=w).item(), balanced_accuracy_score(y, out.argmax(1))]
    print(f"epoch {epoch} loss {run / len(train):.3f} | train {res[0]:.3f} bal.acc {res[1]:.3f} | valid {res[2]:.3f} bal.acc {res[3]:.3f}")
print("valid accuracy %.3f (always positive %.3f)" % ((out.argmax(1) == y).float().mean(), y.float().mean()))
