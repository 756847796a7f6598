"""Very good or very bad films (SST-5, the two outer classes): 100 labelled sentences and the Google News vectors."""
import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(13)
torch.manual_seed(13)



def read(split):
    rows = []
    with open(DATA / "sentiment" / "SST-5" / f"stsa.fine.{split}", encoding="utf-8") as f:
        for line in f:
            label, text = line.strip().split(" ", 1)
            if label in "04":
                rows.append((text, float(label == "4")))
    return rows


by_label = {0.0: [], 1.0: []}
for row in read("train"):
    by_label[row[1]].append(row)
train = random.sample(by_label[0.0], 50) + random.sample(by_label[1.0], 50)
known = {t for t, _ in train}
dev = [r for r in read("dev") + read("test") if r[0] not in known]

words = {w for t, _ in train + dev for w in t.split()}
vocab, vectors = {"<pad>": 0}, [torch.zeros(300)]
with gzip.open(DATA / "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)
    for line in f:
        w, rest = line.split(" ", 1)
        if w in words:
            vocab[w] = len(vocab)
            vectors.append(torch.tensor([float(v) for v in rest.split()]))
vectors = torch.stack(vectors)


def tokens(text):
    return [w for w in text.split() if w in vocab] or ["the"]


def collate(batch):
    x = pad_sequence([torch.tensor([vocab[w] for w in tokens(t)]) for t, _ in batch], batch_first=True)
    return x, torch.tensor([y for _, y in batch])


class ReviewModel(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(300, 1)

    def forward(self, x):
        m = (x != 0).unsqueeze(2).float()
        return self.out(self.drop((self.emb(x) * m).sum(1) / m.sum(1))).squeeze(1)


model = ReviewModel()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-2, weight_decay=1e-2)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(50):
    model.train()
    for x, y in DataLoader(train, batch_size=20, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        model.eval()
        with torch.no_grad():
            accs = [((model(x) > 0) == (y > 0.5)).float().mean().item() for x, y in map(collate, (train, dev))]
            dev_loss = loss_fn(model(collate(dev)[0]), collate(dev)[1]).item()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} train acc {accs[0]:.3f} dev acc {accs[1]:.3f} dev loss {dev_loss:.3f}")
