"""Reverse dictionary: from four related words to the GloVe vector of the word that is meant."""
import gzip
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz")
words, rows = [], []
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        if parts[0].isalpha():
            words.append(parts[0])
            rows.append([float(v) for v in parts[1:]])
        if len(words) == 4000:
            break
vectors = torch.tensor(rows)
unit = F.normalize(vectors, dim=1)
near = (unit @ unit.T).topk(13, dim=1).indices[:, 1:]
clues = near.gather(1, torch.rand(near.shape).argsort(1)[:, :4])  # four of the twelve nearest words
order = torch.randperm(len(words))
train, dev = order[:3400], order[3400:]


class ReverseDictionary(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.net = nn.Sequential(nn.Linear(50, 100), nn.ReLU(), nn.Linear(100, 50))

    def forward(self, x):
        return self.net(self.emb(x).mean(1))


model = ReverseDictionary(vectors)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(25):
    perm = train[torch.randperm(len(train))]
    losses = []
    for idx in perm.split(50):
        optimizer.zero_grad()
        loss = criterion(model(clues[idx]), vectors[idx])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 4 == 0:
        with torch.no_grad():
            out = F.normalize(model(clues[dev]), dim=1)
            cosine = (out * unit[dev]).sum(1).mean()
            rank = (out @ unit.T > (out * unit[dev]).sum(1, keepdim=True)).sum(1).float().median()
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev cosine {cosine:.3f} median rank {rank:.0f}")
