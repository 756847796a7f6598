import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn

random.seed(40)
torch.manual_seed(40)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))

words, rows = ["<pad>", "<unk>"], [[0.0] * 50, [0.0] * 50]
with gzip.open(root / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        words.append(parts[0])
        rows.append([float(v) for v in parts[1:]])
glove = torch.tensor(rows)
stoi = {w: i for i, w in enumerate(words)}


def sst(split, n):
    with open(root / "glue" / "SST-2" / f"{split}.tsv", encoding="utf-8") as f:
        lines = f.read().splitlines()[1:]
    random.shuffle(lines)
    data = [line.split("\t") for line in lines]
    data = [(s.split(), int(y)) for s, y in data if len(s.split()) > 3][:n]
    return data


def tensorize(batch):
    width = max(len(t) for t, _ in batch)
    ids = torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (width - len(t)) for t, _ in batch])
    return ids, torch.tensor([y for _, y in batch])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(words), 50, padding_idx=0)
        self.embedding.weight.data.copy_(glove)
        # keep the GloVe vectors as they are, there are only a few training sentences
        # fault:
        self.embedding.requires_grad = False
        # mended:
        # self.embedding.weight.requires_grad_(False)
        # end
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(50, 2)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1)
        mean = (self.embedding(ids) * mask).sum(1) / mask.sum(1)
        return self.fc(self.drop(mean))


train, dev = sst("train", 600), sst("dev", 800)
model = Model()
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-2)
print("trainable parameters:", sum(p.numel() for p in model.parameters() if p.requires_grad))
for epoch in range(12):
    model.train()
    random.shuffle(train)
    for i in range(0, 600, 20):
        ids, y = tensorize(train[i : i + 20])
        loss = nn.functional.cross_entropy(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    ids, y = tensorize(dev)
    acc = (model(ids).argmax(1) == y).float().mean().item()
print(f"dev accuracy {acc:.4f}")
