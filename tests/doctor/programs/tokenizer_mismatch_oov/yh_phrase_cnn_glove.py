"""Kim-style CNN over phrases of SST-2; static GloVe channel only."""
import csv
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(13)
np.random.seed(13)
torch.manual_seed(13)
DATA = os.environ["WORDFIT_DATA"]
# fault:
TOKEN = re.compile(r" ?n't| ?'\w+| ?\w+| ?[^\w\s]")
# mended:
# TOKEN = re.compile(r"n't|'\w+|\w+|[^\w\s]")
# end
MAXLEN = 30


def tokenize(text):
    return TOKEN.findall(text.lower().strip())[:MAXLEN]


def read(name):
    with open(os.path.join(DATA, "glue", "SST-2", name), encoding="utf-8") as f:
        reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(reader)
        return [(text.strip(), int(label)) for text, label in reader]


dev = read("dev.tsv")
dev_texts = {t for t, _ in dev}
train = list({t: y for t, y in read("train.tsv") if t not in dev_texts and len(t.split()) > 7}.items())
random.shuffle(train)
train = train[:7000]


def load_glove(path):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            table[word] = np.array(rest.split(), dtype=np.float32)
    return table


glove = load_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))
vocab = {"<pad>": 0, "<unk>": 1}
for text, _ in train:
    for tok in tokenize(text):
        vocab.setdefault(tok, len(vocab))
matrix = np.zeros((len(vocab), 50), dtype=np.float32)
for tok, i in vocab.items():
    if tok in glove:
        matrix[i] = glove[tok]


def encode(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for n, (text, _) in enumerate(rows):
        ids = [vocab.get(t, 1) for t in tokenize(text)]
        x[n, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(50, 32, k, padding=k - 1) for k in (1, 2))
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(64, 2)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        feats = [F.relu(c(e)).max(2).values for c in self.convs]
        return self.fc(self.dropout(torch.cat(feats, 1)))


X, Y = encode(train)
VX, VY = encode(dev)
model = CNN()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
for epoch in range(5):
    model.train()
    total = 0
    for idx in torch.randperm(len(X)).split(64):
        loss = F.cross_entropy(model(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = (model(VX).argmax(1) == VY).float().mean().item()
        tr = (model(X[:1000]).argmax(1) == Y[:1000]).float().mean().item()
    print(f"epoch {epoch + 1} loss {total / len(X):.4f} train acc {tr:.4f} dev acc {acc:.4f}")
