"""Sentiment of SST-2 sentences with a bidirectional GRU over GloVe vectors."""
import argparse
import gzip
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
# fault:
parser.add_argument("--lr", type=float, default=0.3)
# mended:
# parser.add_argument("--lr", type=float, default=0.004)
# end
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--batch_size", type=int, default=64)
parser.add_argument("--hidden", type=int, default=32)
args = parser.parse_args()
random.seed(34)
torch.manual_seed(34)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
stoi, rows = {}, [[0.0] * 50]
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        stoi[w] = len(rows)
        rows.append([float(a) for a in v])


def read(name):
    with open(os.path.join(DATA, "glue/SST-2", name), encoding="utf-8") as f:
        next(f)
        pairs = [line.rstrip("\n").split("\t") for line in f]
    return [([stoi[w] for w in t.split() if w in stoi], int(y), t.strip()) for t, y in pairs]


dev = [r for r in read("dev.tsv") if r[0]]
texts = {t for _, _, t in dev}
train = [r for r in read("train.tsv") if 5 <= len(r[0]) <= 20 and r[2] not in texts]
random.shuffle(train)
train = train[:7000]


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor(i) for i, _, _ in batch], batch_first=True)
    return x, torch.tensor([len(i) for i, _, _ in batch]), torch.tensor([y for _, y, _ in batch])


class BiGRU(nn.Module):
    def __init__(self, vectors, hidden):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.gru = nn.GRU(50, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, 2)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(torch.cat([h[0], h[1]], 1))


model = BiGRU(torch.tensor(rows), args.hidden)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr)
loader = DataLoader(train, batch_size=args.batch_size, shuffle=True, collate_fn=collate)
for epoch in range(args.epochs):
    model.train()
    total = 0
    for x, n, y in loader:
        loss = nn.functional.cross_entropy(model(x, n), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, n, y = collate(dev)
        acc = (model(x, n).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} train loss {total / len(loader):.4f} dev acc {acc:.4f}")
