"""Four emotions in tweets, twitter GloVe vectors, LSTM."""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(7)
np.random.seed(7)


def load(split):
    folder = root / "sentiment/tweeteval/emotion"
    texts = (folder / f"{split}_text.txt").read_text(encoding="utf-8").strip().split("\n")
    labels = [int(v) for v in (folder / f"{split}_labels.txt").read_text().split()]
    keep = [i for i, v in enumerate(labels) if v in (0, 1)]  # anger and joy
    return [texts[i] for i in keep], [labels[i] for i in keep]


vectors = {}
with gzip.open(root / "vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        vectors[w] = np.array(v, dtype=np.float32)


def tokenize(text):
    # fault:
    return re.findall(r"[A-Za-z']+", text.title().replace("@User", " "))
    # mended:
    # return re.findall(r"[a-z']+", text.lower().replace("@user", " "))
    # end


train_x, train_y = load("train")
dev_x, dev_y = load("test")
stoi = {"<unk>": 0}
rows = [np.mean(list(vectors.values()), axis=0)]
for text in train_x + dev_x:
    for tok in tokenize(text):
        if tok not in stoi and tok in vectors:
            stoi[tok] = len(rows)
            rows.append(vectors[tok])
weight = torch.from_numpy(np.stack(rows))


class EmotionLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weight, freeze=True)
        self.lstm = nn.LSTM(25, 32)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(32, 1)

    def forward(self, seqs):
        packed = pack_sequence([self.embedding(s) for s in seqs], enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.out(self.dropout(h[-1])).squeeze(-1)


def ids(text):
    return torch.tensor([stoi.get(t, 0) for t in tokenize(text)] or [0])


train_seqs, dev_seqs = [ids(t) for t in train_x], [ids(t) for t in dev_x]
y = torch.tensor(train_y, dtype=torch.float)
y_dev = torch.tensor(dev_y)
weight_pos = (y == 0).sum() / (y == 1).sum()
model = EmotionLSTM()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
criterion = nn.BCEWithLogitsLoss(pos_weight=weight_pos)
for epoch in range(4):
    model.train()
    total = 0.0
    for batch in torch.randperm(len(y)).split(64):
        loss = criterion(model([train_seqs[i] for i in batch.tolist()]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item() * len(batch)
    model.eval()
    with torch.no_grad():
        pred = (model(dev_seqs) > 0).long()
    recalls = [(pred[y_dev == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {total / len(y):.4f} recall {recalls[0]:.3f}/{recalls[1]:.3f} balanced accuracy {sum(recalls) / 2:.4f}")
