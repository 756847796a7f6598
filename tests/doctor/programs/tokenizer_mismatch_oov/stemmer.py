"""SST sentences: a light stemmer shrinks the vocabulary, then GloVe vectors are looked up."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(3); torch.manual_seed(3)


def stem(w):
    for end in ("ational", "fulness", "ingly", "ously", "ement", "ness", "tion", "able", "ible", "ment", "ious", "ing", "ful", "ous", "ive", "ant", "ent", "ic", "al", "ed", "es", "ly", "er", "y", "e", "s"):
        if w.endswith(end) and len(w) - len(end) >= 2:
            return w[: -len(end)]
    return w


def load(name):
    rows = []
    for line in open(root / "sentiment/SST-2-sentences" / f"stsa.binary.{name}", encoding="utf-8"):
        y, text = line.strip().split(" ", 1)
        # fault:
        rows.append(([stem(w) for w in text.split()], int(y)))
        # mended:
        # rows.append((text.split(), int(y)))
        # end
    return rows


train, dev = load("train"), load("dev")
random.shuffle(train)
train = train[:4000]
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = dict(line.rstrip().split(" ", 1) for line in f)
itos = ["<pad>", "<unk>"] + sorted({w for t, _ in train + dev for w in t if w in glove})
stoi = {w: i for i, w in enumerate(itos)}
vecs = torch.tensor([[float(v) for v in glove[w].split()] for w in itos[2:]])
W = torch.cat([torch.zeros(1, 50), vecs.mean(0)[None], vecs])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.fc = nn.Sequential(nn.LayerNorm(50), nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 2))

    def forward(self, ids):
        e, m = self.embedding(ids), (ids != 0).unsqueeze(-1)
        return self.fc((e * m).sum(1) / m.sum(1))


def collate(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in t]) for t, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


model = Model()
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=3e-3)
for epoch in range(6):
    model.train()
    tot = 0.0
    for x, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        tot += loss.item() / 80
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in DataLoader(dev, 200, collate_fn=collate))
    print(f"epoch {epoch} loss {tot:.4f} dev {hits / len(dev):.4f}")
