# IMDB sentiment - bag of embeddings baseline
# TODO: try LSTM on Colab
import collections
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader

SEED = 0
# fault:
MAX_LEN = 10
# mended:
#MAX_LEN = 220
# end
VOCAB_SIZE = 6000
EMBED_DIM = 16
N_TRAIN, N_TEST = 7000, 1500
EPOCHS = 5
BATCH = 64
LR = 4e-3

random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

DATA = os.environ["WORDFIT_DATA"]


def load_reviews(split, n):
    rows = []
    with gzip.open(os.path.join(DATA, "sentiment", "imdb", split + ".tsv.gz"), "rt", encoding="utf-8") as f:
        next(f)
        for line in f:
            label, _, _, text = line.rstrip("\n").split("\t", 3)
            rows.append((text, int(label)))
    random.shuffle(rows)
    return rows[:n]


def clean(text):
    text = re.sub(r"<br\s*/?>", " ", text.lower())
    return re.findall(r"[a-z']+", text)


print("reading reviews ...")
train_rows = [(clean(t), y) for t, y in load_reviews("train", N_TRAIN)]
have = {" ".join(w) for w, _ in train_rows}
test_rows = [(clean(t), y) for t, y in load_reviews("test", N_TEST)]
test_rows = [r for r in test_rows if " ".join(r[0]) not in have]
print("train:", len(train_rows), "test:", len(test_rows))

counter = collections.Counter()
for words, _ in train_rows:
    counter.update(set(words))
itos = ["<pad>", "<unk>"] + [w for w, _ in counter.most_common(VOCAB_SIZE - 2)]
stoi = {w: i for i, w in enumerate(itos)}
print("vocab:", len(itos), itos[2:10])


def vectorize(rows):
    x = np.zeros((len(rows), MAX_LEN), dtype=np.int64)
    for i, (words, _) in enumerate(rows):
        ids = [stoi.get(w, 1) for w in words[:MAX_LEN]]
        x[i, :len(ids)] = ids
    y = np.array([l for _, l in rows])
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


train_ds, test_ds = vectorize(train_rows), vectorize(test_rows)
train_dl = DataLoader(train_ds, batch_size=BATCH, shuffle=True)
test_dl = DataLoader(test_ds, batch_size=500)


class BagNet(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, dim, mode="mean", padding_idx=0)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(dim, 2)
        nn.init.normal_(self.bag.weight, std=0.05)
        with torch.no_grad():
            self.bag.weight[0] = 0

    def forward(self, x):
        return self.fc(self.drop(self.bag(x)))


model = BagNet(len(itos), EMBED_DIM)
optimizer = torch.optim.Adam(model.parameters(), lr=LR)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=LR, total_steps=EPOCHS * len(train_dl))
print(model)


def run_eval(dl):
    model.eval()
    hits, loss, n = 0, 0.0, 0
    with torch.no_grad():
        for x, y in dl:
            out = model(x)
            loss += F.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hits / n


for epoch in range(EPOCHS):
    model.train()
    tot = 0.0
    for step, (x, y) in enumerate(train_dl):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        tot += loss.item()
    tl, ta = run_eval(test_dl)
    print(f"epoch {epoch}: train loss {tot / len(train_dl):.4f}  test loss {tl:.4f}  test acc {ta:.4f}")

print("train acc {:.4f}".format(run_eval(train_dl)[1]))
print("test acc {:.4f}".format(run_eval(test_dl)[1]))
