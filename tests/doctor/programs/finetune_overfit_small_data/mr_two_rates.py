import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(141)
torch.manual_seed(141)
D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
with gzip.open(D / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    lines = [line.split() for line in f]
stoi = {parts[0]: i + 2 for i, parts in enumerate(lines)}
W = torch.zeros(len(lines) + 2, 50)
W[2:] = torch.tensor([[float(v) for v in parts[1:]] for parts in lines])

rows = []
for y, polarity in enumerate(("neg", "pos")):
    for text in open(D / "sentiment" / "MR" / f"rt-polarity.{polarity}", encoding="latin-1"):
        ids = [stoi.get(w, 1) for w in text.split()][:35]
        if len(ids) > 3:
            rows.append((torch.tensor(ids), y))
random.shuffle(rows)
train, dev = rows[:400], rows[400:1400]


def collate(batch):
    return nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class MeanOfVectors(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, padding_idx=0, freeze=False)
        self.fc = nn.Linear(50, 2)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1)
        e = self.embed(x)
        mean = (e * keep).sum(1) / keep.sum(1)
        return self.fc(self.drop(mean))


model = MeanOfVectors(W)
# fault:
groups = [{"params": model.embed.parameters(), "lr": 2e-2}, {"params": model.fc.parameters(), "lr": 5e-3}]
# mended:
# groups = [{"params": model.embed.parameters(), "lr": 2e-5}, {"params": model.fc.parameters(), "lr": 5e-3}]
# end
optimizer = torch.optim.Adam(groups)
for epoch in range(20):
    model.train()
    random.shuffle(train)
    for i in range(0, 400, 20):
        x, y = collate(train[i : i + 20])
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        model.eval()
        with torch.no_grad():
            x, y = collate(dev)
            out = model(x)
        print(f"epoch {epoch + 1} train loss {loss.item():.4f} dev loss {F.cross_entropy(out, y):.4f} dev acc {(out.argmax(1) == y).float().mean():.4f}")
