"""Customer reviews (CR), positive or not.  Micro-batches of 16, one optimizer step for every four of them."""
import gzip
import os
import random

import torch
from torch import nn

torch.manual_seed(5)
random.seed(5)
root = os.environ["WORDFIT_DATA"]
ACCUM = 4


def glove(path):
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            out[w] = rest
    return out


def reviews():
    rows = {}
    for name, label in (("neg", 0.0), ("pos", 1.0)):
        with open(f"{root}/sentiment/CR/custrev.{name}", encoding="latin-1") as f:
            for line in f:
                line = line.replace(" 't", "'t").strip().rstrip(".").strip()
                if len(line.split()) > 2:
                    rows[line] = label                   # a dict: every text once
    rows = list(rows.items())
    random.shuffle(rows)
    return rows


rows = reviews()
n_dev = 700
dev, train = rows[:n_dev], rows[n_dev:]
vec = glove(f"{root}/vectors/glove.6B.50d.top10361.txt.gz")
fix = {"n't": "not", "don't": "not", "doesn't": "not", "didn't": "not", "isn't": "not", "won't": "not", "can't": "not"}
vocab = {}
for text, _ in rows:
    for w in text.split():
        w = fix.get(w, w)
        if w in vec:
            vocab.setdefault(w, len(vocab))
weight = torch.tensor([[float(x) for x in vec[w].split()] for w in vocab])


def encode(part):
    out = []
    for text, y in part:
        ids = [vocab[w] for w in (fix.get(w, w) for w in text.split()) if w in vocab]
        if ids:
            out.append((torch.tensor(ids), y))
    return out


train, dev = encode(train), encode(dev)
pos = sum(y for _, y in train) / len(train)
print(f"{len(train)} / {len(dev)} reviews, positive {pos:.3f}")


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = nn.EmbeddingBag.from_pretrained(weight, mode="mean", freeze=True)
        self.top = nn.EmbeddingBag.from_pretrained(weight, mode="max", freeze=True)
        self.tone = nn.EmbeddingBag(len(vocab), 1, mode="mean")   # one learned number per word
        nn.init.zeros_(self.tone.weight)
        self.head = nn.Sequential(nn.Linear(100, 24), nn.Tanh(), nn.Dropout(0.5), nn.Linear(24, 1))

    def forward(self, docs):
        flat = torch.cat(docs)
        off = torch.tensor([0] + [len(d) for d in docs[:-1]]).cumsum(0)
        x = torch.cat([self.mean(flat, off), self.top(flat, off)], 1)
        return (self.head(x) + 3 * self.tone(flat, off)).squeeze(1)


model = Bag()
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trainable, lr=6e-3, weight_decay=0.02)
micro = [slice(i, i + 16) for i in range(0, len(train), 16)]
EPOCHS = 6
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, EPOCHS * -(-len(micro) // ACCUM))
bce = nn.BCEWithLogitsLoss(reduction="sum")
for epoch in range(EPOCHS):
    random.shuffle(train)
    model.train()
    optimizer.zero_grad()
    total = pending = 0
    for k, sl in enumerate(micro):
        docs, ys = zip(*train[sl])
        loss = bce(model(docs), torch.tensor(ys))
        (loss / (16 * ACCUM)).backward()
        total += loss.item()
        if (k + 1) % ACCUM == 0 or k + 1 == len(micro):
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        docs, ys = zip(*dev)
        acc = ((model(docs) > 0).float() == torch.tensor(ys)).float().mean()
        docs, ys = zip(*train)
        tacc = ((model(docs) > 0).float() == torch.tensor(ys)).float().mean()
    print(f"epoch {epoch + 1}: loss {total / len(train):.4f}  train acc {tacc:.3f}  dev acc {acc:.3f}")
