"""SST-2 with GloVe (Twitter, 25d).  The vectors get fine-tuned: 25 general dimensions know little of sentiment,
so the embedding has its own parameter group."""
import csv
import gzip
import os
import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(99)
np.random.seed(99)
torch.manual_seed(99)
DATA = os.environ["WORDFIT_DATA"]
EMBEDDING_LR = 4e-3
HEAD_LR = 2e-3


def load_split(name):
    with open(f"{DATA}/glue/SST-2/{name}.tsv", encoding="utf-8", newline="") as f:
        reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(r["sentence"].split(), int(r["label"])) for r in reader]


train = [r for r in load_split("train") if len(r[0]) > 3]
train = random.sample(train, 18000)
dev = load_split("dev")

words, rows = ["<pad>", "<unk>"], [np.zeros(25), np.zeros(25)]
with gzip.open(f"{DATA}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        token, *values = line.rstrip().split(" ")
        words.append(token)
        rows.append(np.array(values, dtype=float))
vectors = torch.tensor(np.stack(rows), dtype=torch.float32)
index = {w: i for i, w in enumerate(words)}


def to_ids(data):
    return [(torch.tensor([index.get(w, 1) for w in s]), y) for s, y in data]


class AverageClassifier(nn.Module):
    def __init__(self, vectors, n_classes=2):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(vectors, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # end
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(vectors.shape[1], n_classes)

    def forward(self, ids):
        mask = (ids != 0).float()
        summed = (self.embedding(ids) * mask.unsqueeze(-1)).sum(dim=1)
        return self.head(self.dropout(summed / mask.sum(dim=1, keepdim=True)))


def batches(data, size, shuffle):
    order = list(range(len(data)))
    if shuffle:
        random.shuffle(order)
    for i in range(0, len(order), size):
        chunk = [data[j] for j in order[i:i + size]]
        yield pad_sequence([x for x, _ in chunk], batch_first=True), torch.tensor([y for _, y in chunk])


def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in batches(data, 256, False))
    return hits / len(data)


train, dev = to_ids(train), to_ids(dev)
model = AverageClassifier(vectors)
optimizer = torch.optim.Adam([
    {"params": model.embedding.parameters(), "lr": EMBEDDING_LR},
    {"params": model.head.parameters(), "lr": HEAD_LR},
])
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 4):
    model.train()
    total = steps = 0
    for x, y in batches(train, 64, True):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        steps += 1
    print(f"epoch {epoch} | loss {total / steps:.4f} | train acc {accuracy(model, train[:3000]):.4f} | dev acc {accuracy(model, dev):.4f}")
