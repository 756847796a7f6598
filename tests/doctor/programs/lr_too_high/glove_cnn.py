"""CR sentiment with GloVe and a small CNN."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn

random.seed(230)
torch.manual_seed(230)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
vocab, rows = {}, [torch.zeros(50)]
with gzip.open(root / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        vocab[w] = len(rows)
        rows.append(torch.tensor([float(a) for a in v]))
table = torch.stack(rows)


def read(name, y):
    out = []
    for line in open(root / "sentiment" / "CR" / name, encoding="latin-1"):
        ids = [vocab[w] for w in line.lower().split() if w in vocab][:30]
        if len(ids) >= 3:
            out.append((torch.tensor(ids), y))
    return out


data = read("custrev.pos", 1) + read("custrev.neg", 0)
random.shuffle(data)
train, dev = data[:2400], data[2400:3000]


def collate(batch):
    return nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.conv = nn.Conv1d(50, 40, 2, padding=1)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc(self.drop(self.conv(self.embedding(x).transpose(1, 2))[..., :-1].relu().masked_fill((x == 0).unsqueeze(1), 0).amax(2)))


model = CNN()
# fault:
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=20.0, momentum=0.9)
# mended:
# optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.02, momentum=0.9)
# end
for epoch in range(5):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, 2400, 40):
        x, y = collate(train[i : i + 40])
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        guess = model(x).argmax(1)
    recall = [(guess[y == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {total / 60:.4g} balanced accuracy {sum(recall) / 2:.4f}")
