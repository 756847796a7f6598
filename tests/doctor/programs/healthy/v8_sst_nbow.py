#!/usr/bin/env python
# coding: utf-8
# # SST-2 baseline: frozen GloVe + small MLP (label smoothing, gradient accumulation because my laptop is small)

# In[1]:
import gzip, os
import numpy as np
import torch
from torch import nn
torch.manual_seed(12)
root = os.environ["WORDFIT_DATA"]

# In[2]:
def read(name, n=None):
    rows = []
    with open(f"{root}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        for line in f:
            rows.append((line[2:].split(), int(line[0])))
    return rows[:n]

train = read("train")
known = {" ".join(t) for t, _ in train}
dev = [r for r in read("dev") if " ".join(r[0]) not in known]

# In[3]:
stoi, vectors = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *v = line.split(" ")
        stoi[word] = len(vectors)
        vectors.append(np.array(v, dtype=np.float32))
vectors = torch.tensor(np.array(vectors), dtype=torch.float32)
vectors = (vectors - vectors[2:].mean(0)) * 1.5
vectors[:2] = 0.0

def encode(rows, width=40):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        ids = [stoi.get(t, 1) for t in toks[:width]]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])

Xtr, ytr = encode(train)
Xde, yde = encode(dev)
print(Xtr.shape, Xde.shape, "dev majority", max(yde.float().mean().item(), 1 - yde.float().mean().item()))

# In[4]:
class NBOW(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True)   # under 7000 sentences are too few to tune it
        self.mlp = nn.Sequential(nn.LayerNorm(50), nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 2))

    def forward(self, x):
        e = self.emb(x)
        keep = (x > 1).unsqueeze(2)           # neither padding nor unknown words
        mean = (e * keep).sum(1) / keep.sum(1).clamp(min=1)
        return self.mlp(mean)

model = NBOW()
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.Adam(model.mlp.parameters(), lr=8e-3, weight_decay=1e-5)
ACCUM = 4

# In[5]:
def score(X, y):
    model.eval()
    with torch.no_grad():
        z = model(X)
    return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()

for epoch in range(9):
    model.train()
    optimizer.zero_grad()
    for step, b in enumerate(torch.randperm(len(Xtr)).split(16), 1):
        loss = criterion(model(Xtr[b]), ytr[b]) / ACCUM
        loss.backward()
        if step % ACCUM == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "train %.3f %.3f" % score(Xtr, ytr), "dev %.3f %.3f" % score(Xde, yde))

# In[6]:
print("dev accuracy: %.3f" % score(Xde, yde)[1])
