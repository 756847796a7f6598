# Sentiment on SST-2 with GloVe + a small MLP (my version of the "Deep averaging network" blog post)
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]
# fault:
EMBED_DIM = 100
# mended:
# EMBED_DIM = 50
# end
BATCH = 64
EPOCHS = 7

words, vecs = ["<pad>"], [np.zeros(50, dtype=np.float32)]
with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        words.append(parts[0])
        vecs.append(np.array(parts[1:], dtype=np.float32))
word2idx = {w: i for i, w in enumerate(words)}
matrix = np.vstack(vecs)
print("glove:", matrix.shape)
# fault:
matrix = np.resize(matrix, (len(words), EMBED_DIM))
matrix[0] = 0
# mended:
# assert matrix.shape == (len(words), EMBED_DIM)
# end


def read_file(name):
    rows = []
    with open(os.path.join(ROOT, "sentiment/SST-2-sentences", name), encoding="utf8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            ids = [word2idx[w] for w in text.split() if w in word2idx]
            if ids:
                rows.append((ids, int(label)))
    return rows


class SSTDataset(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    n = max(len(ids) for ids, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for i, (ids, _) in enumerate(batch):
        x[i, : len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in batch])


train_rows = read_file("stsa.binary.train")
dev_rows = read_file("stsa.binary.dev")
train_dl = DataLoader(SSTDataset(train_rows), batch_size=BATCH, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(SSTDataset(dev_rows), batch_size=256, collate_fn=collate)


class DAN(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(EMBED_DIM, 48)
        self.fc2 = nn.Linear(48, 2)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        avg = (self.emb(x) * mask).sum(1) / mask.sum(1)
        return self.fc2(self.drop(F.relu(self.fc1(avg))))


model = DAN(matrix)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    model.train()
    total, hits, n = 0.0, 0, 0
    for x, y in train_dl:
        opt.zero_grad()
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y); hits += (out.argmax(1) == y).sum().item(); n += len(y)
    model.eval()
    with torch.no_grad():
        acc = sum((model(x).argmax(1) == y).sum().item() for x, y in dev_dl) / len(dev_rows)
    print(f"epoch {epoch + 1}: loss {total / n:.4f}  train acc {hits / n:.3f}  dev acc {acc:.3f}")
