"""SST-2 with averaged GloVe vectors that are fine-tuned together with the classifier."""
import gzip
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(1)
torch.manual_seed(1)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")


def load_glove(path):
    words, rows = ["<pad>"], [[0.0] * 50]
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            words.append(w)
            rows.append([float(x) for x in v])
    return {w: i for i, w in enumerate(words)}, torch.tensor(rows)


stoi, glove = load_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))


def load_sst(name):
    rows = []
    with open(os.path.join(DATA, "glue", "SST-2", name), encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            ids = [stoi[w] for w in text.split() if w in stoi]
            if ids:
                rows.append((text.strip(), ids, int(label)))
    return rows


dev = load_sst("dev.tsv")
dev_texts = {t for t, _, _ in dev}
train = [r for r in load_sst("train.tsv") if len(r[1]) > 4 and r[0] not in dev_texts]
random.shuffle(train)
train = train[:14000]


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor(ids) for _, ids, _ in batch], batch_first=True)
    return x, torch.tensor([y for _, _, y in batch])


class FineTunedGlove(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(vectors, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # end
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(vectors.size(1), 2)

    def forward(self, x):
        mask = (x != 0).unsqueeze(2)
        mean = (self.embedding(x) * mask).sum(1) / mask.sum(1)
        return self.fc(self.dropout(mean))


model = FineTunedGlove(glove)
# the pretrained vectors get a smaller step than the new layer
optimizer = torch.optim.Adam([
    {"params": model.embedding.parameters(), "lr": 2e-3},
    {"params": model.fc.parameters(), "lr": 5e-3},
])
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
for epoch in range(4):
    model.train()
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1}: loss {loss.item():.4f}, dev accuracy {acc:.4f}")
