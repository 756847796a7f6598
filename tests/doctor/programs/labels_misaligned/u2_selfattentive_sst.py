# %% [markdown]
# Structured self-attentive sentence embedding (Lin et al. 2017), small version,
# on SST binary sentences with fixed GloVe vectors.

# %%
import gzip
import os

import numpy as np
import torch
from torch import nn

torch.manual_seed(3)
DATA = os.environ["WORDFIT_DATA"]


# %%
def read_split(name, limit=None):
    sents, labels = [], []
    with open(os.path.join(DATA, "sentiment/SST-2-sentences", "stsa.binary." + name), encoding="utf-8", errors="replace") as f:
        for line in f:
            y, text = line.rstrip("\n").split(" ", 1)
            sents.append(text.lower().split())
            labels.append(int(y))
            if limit and len(sents) == limit:
                break
    return sents, labels


train_sents, train_labels = read_split("train", 4000)
dev_sents, dev_labels = read_split("dev")
print(len(train_sents), "train", len(dev_sents), "dev")

# %%
words, rows = ["<pad>", "<unk>"], [np.zeros(50, "f"), np.zeros(50, "f")]
seen = {w for s in train_sents + dev_sents for w in s}
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in seen:
            words.append(w)
            rows.append(np.array(rest.split(), dtype="f"))
index = {w: i for i, w in enumerate(words)}
table = torch.from_numpy(np.stack(rows))
print("known words:", len(words))


# %%
def to_ids(s):
    return [index.get(w, 1) for w in s]


train_ids = [to_ids(s) for s in train_sents]
dev_ids = [to_ids(s) for s in dev_sents]
# sentences of like length go together, which saves a lot of padding
# fault:
train_ids = sorted(train_ids, key=len)
# mended:
#order = sorted(range(len(train_ids)), key=lambda i: len(train_ids[i]))
#train_ids = [train_ids[i] for i in order]
#train_labels = [train_labels[i] for i in order]
# end


def batches(ids, labels, size, shuffle):
    starts = list(range(0, len(ids), size))
    if shuffle:
        starts = [starts[i] for i in torch.randperm(len(starts))]
    for s in starts:
        chunk = ids[s:s + size]
        T = max(map(len, chunk))
        x = torch.zeros(len(chunk), T, dtype=torch.long)
        for r, c in enumerate(chunk):
            x[r, :len(c)] = torch.tensor(c)
        m = torch.tensor([[1] * len(c) + [0] * (T - len(c)) for c in chunk]).bool()
        yield x, m, torch.tensor(labels[s:s + size])


# %%
class SelfAttentive(nn.Module):
    def __init__(self, table, d_a=24, heads=2, classes=2):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.ws1 = nn.Linear(table.shape[1], d_a, bias=False)
        self.ws2 = nn.Linear(d_a, heads, bias=False)
        self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(heads * table.shape[1], classes))

    def forward(self, x, mask):
        h = self.emb(x)
        a = self.ws2(torch.tanh(self.ws1(h))).masked_fill(~mask.unsqueeze(-1), -1e9)
        a = torch.softmax(a, dim=1)
        m = torch.einsum("bth,btd->bhd", a, h)
        return self.out(m.flatten(1))


def accuracy(model, ids, labels):
    model.eval()
    good = 0
    with torch.no_grad():
        for x, m, y in batches(ids, labels, 256, False):
            good += (model(x, m).argmax(-1) == y).sum().item()
    return good / len(ids)


# %%
model = SelfAttentive(table)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3, weight_decay=1e-5)
ce = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    s = n = 0
    for x, m, y in batches(train_ids, train_labels, 50, True):
        optimizer.zero_grad()
        loss = ce(model(x, m), y)
        loss.backward()
        optimizer.step()
        s, n = s + loss.item(), n + 1
    print("epoch", epoch, "loss %.3f" % (s / n), "train acc %.3f" % accuracy(model, train_ids, train_labels),
          "dev acc %.3f" % accuracy(model, dev_ids, dev_labels))
