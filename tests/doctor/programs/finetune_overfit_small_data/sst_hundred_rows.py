"""A hundred labelled sentences and GloVe."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(70)
torch.manual_seed(70)
ROOT = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
itos, table = ["<pad>", "<unk>"], [np.zeros(50), np.zeros(50)]
with gzip.open(ROOT / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, _, numbers = line.partition(" ")
        itos.append(word)
        table.append(np.array(numbers.split(), dtype=float))
table = torch.tensor(np.stack(table), dtype=torch.float32)
stoi = {w: i for i, w in enumerate(itos)}


def read(name, limit):
    rows = []
    for line in open(ROOT / "sentiment" / "SST-2-sentences" / name, encoding="utf-8"):
        label, text = line.strip().split(" ", 1)
        rows.append(([stoi.get(w, 1) for w in text.split()], int(label)))
    random.shuffle(rows)
    return rows[:limit]


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.2)
        self.linear = nn.Linear(50, 2)

    def forward(self, x):
        mask = (x != 0).unsqueeze(2)
        return self.linear(self.drop((self.embedding(x) * mask).sum(1) / mask.sum(1)))


train_x, train_y = tensors(read("stsa.binary.train", 150))
dev_x, dev_y = tensors(read("stsa.binary.dev", 800))
net = Classifier()
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(40):
    net.train()
    for idx in torch.randperm(len(train_x)).split(25):
        loss = nn.functional.cross_entropy(net(train_x[idx]), train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 8 == 7:
        net.eval()
        with torch.no_grad():
            scores = net(train_x), net(dev_x)
        accs = [(s.argmax(1) == y).float().mean().item() for s, y in zip(scores, (train_y, dev_y))]
        dev_loss = nn.functional.cross_entropy(scores[1], dev_y).item()
        print(f"epoch {epoch + 1} loss {loss.item():.3f} dev loss {dev_loss:.3f} train acc {accs[0]:.3f} dev acc {accs[1]:.4f}")
