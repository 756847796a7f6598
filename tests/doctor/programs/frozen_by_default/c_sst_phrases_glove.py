"""
SST-2 phrases with GloVe, word average + MLP.
Two learning rates: a small one for the word vectors (we fine-tune them), a bigger one for the head.
"""
import csv
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

SEED = 13
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]
N_TRAIN, EPOCHS, BATCH = 14000, 4, 128


def load_glove(path):
    words, rows = ["<pad>", "<unk>"], [np.zeros(25), np.zeros(25)]
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w)
            rows.append(np.array(v, dtype=float))
    return {w: i for i, w in enumerate(words)}, torch.tensor(np.stack(rows), dtype=torch.float)


def read(split, n=None):
    with open(f"{ROOT}/glue/SST-2/{split}.tsv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    random.shuffle(rows)
    return [(r["sentence"].split(), int(r["label"])) for r in rows[:n]]


stoi, vectors = load_glove(f"{ROOT}/vectors/glove.twitter.27B.25d.common11925.txt.gz")
# words of the data that GloVe lacks get a row too
train, dev = read("train", N_TRAIN), read("dev")
seen = {}
for toks, _ in train:
    for t in toks:
        seen[t] = seen.get(t, 0) + 1
extra = [w for w, c in seen.items() if c > 2 and w not in stoi]
for w in extra:
    stoi[w] = len(stoi)
vectors = torch.cat([vectors, torch.randn(len(extra), 25) * vectors[2:].std()])
print(f"{len(vectors)} vectors, {len(extra)} of them random; train {len(train)} dev {len(dev)}")


def collate(batch):
    ids = [[stoi.get(t, 1) for t in toks] or [1] for toks, _ in batch]
    width = max(map(len, ids))
    x = torch.tensor([i + [0] * (width - len(i)) for i in ids])
    return x, torch.tensor([y for _, y in batch])


class AvgNet(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.3)
        self.head = nn.Sequential(nn.Linear(vectors.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        avg = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.head(self.drop(avg))


model = AvgNet(vectors)
optimizer = torch.optim.Adam([
    {"params": model.emb.parameters(), "lr": 2e-3},   # fine-tuning
    {"params": model.head.parameters(), "lr": 3e-3},
])
criterion = nn.CrossEntropyLoss()
train_dl = DataLoader(train, batch_size=BATCH, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(dev, batch_size=256, collate_fn=collate)

for epoch in range(1, EPOCHS + 1):
    model.train()
    total = right = 0
    for x, y in train_dl:
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
    model.eval()
    with torch.no_grad():
        ok = sum((model(x).argmax(1) == y).sum().item() for x, y in dev_dl)
    print(f"epoch {epoch} loss {total/len(train):.4f} train acc {right/len(train):.4f} dev acc {ok/len(dev):.4f}")
