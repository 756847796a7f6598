"""Kim's CNN-static on SST-2: GloVe is kept fixed on purpose, dropout 0.5, Adadelta is replaced by Adam."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(51)
torch.manual_seed(51)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
stoi, rows = {}, [[0.0] * 50]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        stoi[w] = len(rows)
        rows.append([float(a) for a in v])


def sst(name):
    with open(f"{DATA}/glue/SST-2/{name}", encoding="utf-8") as f:
        next(f)
        for line in f:
            t, y = line.rstrip("\n").split("\t")
            yield t.strip(), [stoi[w] for w in t.split() if w in stoi], int(y)


dev = [r for r in sst("dev.tsv") if r[1]]
taken = {r[0] for r in dev}
train = [r for r in sst("train.tsv") if 5 <= len(r[1]) <= 25 and r[0] not in taken]
random.shuffle(train)
train = train[:8000]


def collate(batch):
    n = max(5, max(len(i) for _, i, _ in batch))
    return torch.tensor([i + [0] * (n - len(i)) for _, i, _ in batch]), torch.tensor([y for _, _, y in batch])


class KimCNN(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.static = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(50, 32, k, padding=k - 1) for k in (2, 3))
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(64, 2)

    def forward(self, x):
        e = self.static(x).transpose(1, 2)
        return self.fc(self.drop(torch.cat([F.relu(c(e)).amax(2) for c in self.convs], 1)))


model = KimCNN(torch.tensor(rows))
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-3, weight_decay=1e-5)
loader = DataLoader(train, 50, shuffle=True, collate_fn=collate)
for epoch in range(4):
    model.train()
    total = 0
    for x, y in loader:
        opt.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        print(f"epoch {epoch} loss {total / len(loader):.4f} dev accuracy {(model(x).argmax(1) == y).float().mean():.4f}")
