"""Headline sections with GloVe (lower-cased Wikipedia vectors), straight from the file's vocabulary."""
import gzip
import os
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(64)
torch.manual_seed(64)
SECTIONS = {
    "Sports": "Goal Coach League Tennis Striker Baseball Basketball Tournament Champion Hockey Soccer Player Team Season Medal Cup",
    "Business": "Bank Stock Profit Shares Investors Market Company Earnings Trading Price Economy Sales Fund Inflation Firm Exports",
    "Science": "Space Satellite Telescope Researchers Genes Species Climate Physics Robot Planet Laboratory Experiment Scientists Energy Water Ocean",
    "Arts": "Film Actor Director Painting Museum Singer Album Concert Novel Theater Orchestra Poetry Drama Opera Comedy Artist",
}
GLUE = "New After Before In The Of For With As At First Last Big Says Today Year Two Three How Why And To From City".split()
names = list(SECTIONS)

stoi, vectors = {"<pad>": 0, "<unk>": 1}, [torch.zeros(50), torch.zeros(50)]
with gzip.open(os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        stoi[parts[0]] = len(stoi)
        vectors.append(torch.tensor([float(v) for v in parts[1:]]))
vectors = torch.stack(vectors)


def headline():
    y = random.randrange(4)
    words = random.sample(SECTIONS[names[y]].split(), 2) + random.sample(GLUE, random.randint(2, 5))
    random.shuffle(words)
    return " ".join(words), y


rows = sorted({headline() for _ in range(1600)})
random.shuffle(rows)


def encode(text):
    # fault:
    tokens = text.split()
    # mended:
    # tokens = text.lower().split()
    # end
    return torch.tensor([stoi.get(t, 1) for t in tokens])


def collate(batch):
    return pad_sequence([encode(t) for t, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class KimCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.conv1 = nn.Conv1d(50, 40, 1)
        self.conv2 = nn.Conv1d(50, 40, 2, padding=1)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(80, 4)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        pooled = [torch.relu(c(e)).amax(2) for c in (self.conv1, self.conv2)]
        return self.fc(self.dropout(torch.cat(pooled, 1)))


model = KimCNN()
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for epoch in range(8):
    model.train()
    for x, y in DataLoader(rows[:1200], 32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = collate(rows[1200:])
        print(f"epoch {epoch + 1}: loss {loss.item():.4f} dev acc {(model(x).argmax(1) == y).float().mean():.4f}")
