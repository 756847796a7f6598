"""Mood of short film phrases: content words only, averaged, one hidden layer."""
import csv
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

SEED = 5
random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"] + "/glue/SST-2/"

STOP = set("a an the of to and or in on at by for with from as it its 's is are was were be been "
           "this that these those he she his her their they i you we my your our , . -- ` '' : ; "
           "has have had do does did so than then there here who which what if into".split())


def read(name, limit=None):
    with open(ROOT + name, encoding="utf-8") as f:
        rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    random.shuffle(rows)
    return [([w for w in s.split() if w not in STOP], int(y)) for s, y in rows[:limit]]


train_rows = read("train.tsv", 14000)
dev_rows = read("dev.tsv")

seen_words = {w for words, _ in train_rows for w in words}
stoi, vectors = {"<pad>": 0}, [[0.0] * 50]
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        if word in seen_words:
            stoi[word] = len(stoi)
            vectors.append([float(v) for v in values])


def encode(rows):
    return [(torch.tensor([stoi[w] for w in words if w in stoi], dtype=torch.long), y) for words, y in rows]


def collate(rows):
    ids, labels = zip(*rows)
    return pad_sequence(ids, batch_first=True), torch.tensor(labels)


class PhraseNet(nn.Module):
    def __init__(self, table, hidden=48):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.fc1 = nn.Linear(table.size(1), hidden)
        self.fc2 = nn.Linear(hidden, 2)

    def forward(self, x):
        mask = (x != 0).float()
        summed = (self.emb(x) * mask.unsqueeze(-1)).sum(1)
        # fault:
        mean = summed / mask.sum(1, keepdim=True)
        # mended:
        #mean = summed / mask.sum(1, keepdim=True).clamp(min=1)
        # end
        return self.fc2(self.drop(F.relu(self.fc1(self.drop(mean)))))


train_dl = DataLoader(encode(train_rows), batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(encode(dev_rows), batch_size=256, collate_fn=collate)

net = PhraseNet(torch.tensor(vectors))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)


def test(loader):
    net.eval()
    right, seen, loss = 0, 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            out = net(x)
            loss += F.cross_entropy(out, y, reduction="sum").item()
            right += (out.argmax(1) == y).sum().item()
            seen += len(y)
    return right / seen, loss / seen


for epoch in range(1, 6):
    net.train()
    total = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    acc, dev_loss = test(dev_dl)
    print(f"epoch {epoch}  train loss {total / len(train_dl):.3f}  dev loss {dev_loss:.3f}  dev acc {acc:.3f}")
print("final train acc %.3f" % test(train_dl)[0])
