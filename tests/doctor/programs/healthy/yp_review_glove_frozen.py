"""SST-2 phrases, fixed GloVe vectors, mean of known words, one hidden layer. Baseline for the course project."""
import gzip
import os
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

SEED = 1234
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]


def load_glove():
    vecs = {}
    with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            vecs[w] = v
    return vecs


def load_split(name):
    rows = []
    with open(os.path.join(DATA, "glue/SST-2", name), encoding="utf8") as f:
        next(f)
        for line in f:
            s, y = line.rstrip("\n").split("\t")
            rows.append((s.strip(), int(y)))
    return rows


glove = load_glove()
dev = load_split("dev.tsv")
dev_texts = {s for s, _ in dev}
train = [(s, y) for s, y in load_split("train.tsv") if len(s.split()) >= 4 and s not in dev_texts]
random.shuffle(train)
train = train[:8000]

words = sorted({w for s, _ in train + dev for w in s.split()} & set(glove))
index = {w: i + 1 for i, w in enumerate(words)}
matrix = np.zeros((len(words) + 1, 50), dtype=np.float32)
for w, i in index.items():
    matrix[i] = np.asarray(glove[w], dtype=np.float32)
MAXLEN = 40


def tensors(rows):
    ids = np.zeros((len(rows), MAXLEN), dtype=np.int64)
    keep = []
    for r, (s, y) in enumerate(rows):
        k = [index[w] for w in s.split() if w in index][:MAXLEN]
        ids[r, :len(k)] = k
        keep.append(bool(k))
    keep = np.array(keep)
    return TensorDataset(torch.from_numpy(ids[keep]), torch.tensor([y for _, y in rows])[torch.from_numpy(keep)])


class MeanClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.classifier = nn.Sequential(nn.Dropout(0.1), nn.Linear(50, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        mean = (self.embedding(ids) * mask).sum(1) / mask.sum(1)
        return self.classifier(mean)


model = MeanClassifier()
train_set, dev_set = tensors(train), tensors(dev)
loader = DataLoader(train_set, batch_size=128, shuffle=True)
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
loss_fn = nn.CrossEntropyLoss()


def evaluate(ds):
    model.eval()
    with torch.no_grad():
        x, y = ds.tensors
        out = model(x)
        return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(6):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
    scheduler.step()
    print("epoch %d train %.4f / %.3f   dev %.4f / %.3f" % (epoch + 1, *evaluate(train_set), *evaluate(dev_set)))
