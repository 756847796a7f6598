import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split

# Tone of business news for the procurement desk: does a sentence carry news for the better, for the worse, or none?
# GloVe is kept fixed on purpose (4,800 sentences), a convolution reads it. Gradient accumulation: two halves per step.
# Neutral sentences are most of the file, so the loss weighs the classes and macro-F1 is reported.

random.seed(9)
np.random.seed(9)
torch.manual_seed(9)
DATA = os.environ["WORDFIT_DATA"]
LABELS = ["negative", "neutral", "positive"]
MAXLEN = 32


def tokens(text):
    text = re.sub(r"(\d)[,.](\d)", r"\1\2", text.lower())
    return ["<num>" if t[0].isdigit() else t for t in re.findall(r"[a-z]+|\d+|[%$.,]", text)][:MAXLEN]


sentences = {}
with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        text, label = line.strip().rsplit("@", 1)
        sentences[" ".join(tokens(text))] = LABELS.index(label)
texts, labels = list(sentences), list(sentences.values())
train_x, test_x, train_y, test_y = train_test_split(texts, labels, test_size=900, stratify=labels, random_state=9)

wanted = Counter(w for t in train_x for w in t.split())
vocab, rows = {"<pad>": 0, "<unk>": 1, "<num>": 2}, [np.zeros(50), np.zeros(50), np.random.normal(0, 0.4, 50)]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in wanted:
            vocab[w] = len(rows)
            rows.append(np.array(rest.split(), dtype=float))
fixed = torch.tensor(np.array(rows), dtype=torch.float32)
print(f"{len(train_x)} sentences, {len(vocab)} words, {sum(c for w, c in wanted.items() if w in vocab) / sum(wanted.values()):.1%} of the tokens known")


def encode(xs):
    out = torch.zeros(len(xs), MAXLEN, dtype=torch.long)
    for i, t in enumerate(xs):
        ids = [vocab.get(w, 1) for w in t.split()]
        out[i, : len(ids)] = torch.tensor(ids, dtype=torch.long)
    return out


class ToneCNN(nn.Module):
    def __init__(self, table, filters=32):
        super().__init__()
        self.register_buffer("table", table)
        self.narrow = nn.Conv1d(table.shape[1], filters, 1)
        self.wide = nn.Conv1d(table.shape[1], filters, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(2 * filters, 3)

    def forward(self, ids):
        e = F.embedding(ids, self.table).transpose(1, 2)
        pad = (ids == 0).unsqueeze(1)
        pooled = [torch.relu(c(e)).masked_fill(pad, 0.0).max(2).values for c in (self.narrow, self.wide)]
        return self.fc(self.drop(torch.cat(pooled, 1)))


X, Y = encode(train_x), torch.tensor(train_y)
XT, YT = encode(test_x), torch.tensor(test_y)
weights = (len(Y) / (3 * torch.bincount(Y).float())).sqrt()
model = ToneCNN(fixed)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
HALVES = 2

for epoch in range(6):
    model.train()
    optimizer.zero_grad()
    total = 0.0
    parts = torch.randperm(len(X)).split(32)
    for k, idx in enumerate(parts, 1):
        loss = F.cross_entropy(model(X[idx]), Y[idx], weight=weights, label_smoothing=0.05)
        (loss / HALVES).backward()
        total += loss.item()
        if k % HALVES == 0 or k == len(parts):
            optimizer.step()
            optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        tr, te = model(X).argmax(1), model(XT).argmax(1)
    print(f"epoch {epoch + 1} loss {total / len(parts):.3f}  macro-F1 train {f1_score(Y, tr, average='macro'):.3f} "
          f"test {f1_score(YT, te, average='macro'):.3f}  accuracy test {(te == YT).float().mean():.3f}")

print(classification_report(YT, te, target_names=LABELS, digits=3))
