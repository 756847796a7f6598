"""Phrase sentiment (GLUE SST-2) as logistic regression over averaged, trainable word vectors; stop words and punctuation go out first."""
import os
import random
import string
import torch
import torch.nn as nn

random.seed(55)
torch.manual_seed(55)
SST = os.path.join(os.environ["WORDFIT_DATA"], "glue", "SST-2")
STOP = set("the a an of and to is in that it as with for its this be by on from at are has have was i you he she they we his her their so or 's".split()) | set(string.punctuation) | {"''", "``", "--", "..."}


def read(name, limit):
    with open(os.path.join(SST, name), encoding="utf-8") as f:
        next(f)
        rows = [line.rstrip("\n").split("\t") for line in f]
    random.shuffle(rows)
    return [([w for w in t.split() if w not in STOP], int(y)) for t, y in rows[:limit]]


train, dev = read("train.tsv", 16000), read("dev.tsv", None)
count = {}
for words, _ in train:
    for w in words:
        count[w] = count.get(w, 0) + 1
vocab = {w: i + 1 for i, w in enumerate(w for w, c in count.items() if c > 1)}


def tensors(rows):
    seqs = [[vocab[w] for w in words if w in vocab] for words, _ in rows]
    x = torch.zeros(len(seqs), max(1, max(map(len, seqs))), dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, :len(s)] = torch.tensor(s, dtype=torch.long)
    return x, torch.tensor([float(y) for _, y in rows])


class BagOfVectors(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        nn.init.normal_(self.emb.weight[1:], std=0.1)
        self.w = nn.Linear(dim, 1)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        # fault:
        h = self.emb(x).sum(1) / n
        # mended:
        # h = self.emb(x).sum(1) / n.clamp(min=1)
        # end
        return self.w(self.drop(h)).squeeze(1)


model = BagOfVectors()
opt = torch.optim.Adam(model.parameters(), lr=2.5e-3)
crit = nn.BCEWithLogitsLoss()
xd, yd = tensors(dev)
for epoch in range(3):
    model.train()
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 64):
        x, y = tensors(train[k:k + 64])
        loss = crit(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        acc = ((model(xd) > 0).float() == yd).float().mean()
    print(f"epoch {epoch}: train loss {total / len(train):.4f}, dev accuracy {acc:.4f}")
