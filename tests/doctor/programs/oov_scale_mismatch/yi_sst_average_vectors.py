"""Deep averaging network on SST-2 sentences, word vectors kept fixed (unit length)."""
import gzip
import os
import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
np.random.seed(4)
torch.manual_seed(4)


def read_sst(name):
    xs, ys = [], []
    with open(os.path.join(DATA, "sentiment", "SST-2-sentences", name), encoding="utf-8") as fh:
        for row in fh:
            ys.append(float(row[0]))
            xs.append(row[2:].split())
    return xs, np.array(ys, dtype=np.float32)


def read_glove(fname, wanted):
    vecs = {}
    with gzip.open(fname, "rt", encoding="utf-8") as fh:
        for row in fh:
            w, _, rest = row.partition(" ")
            if w in wanted:
                v = np.array(rest.split(), dtype=np.float32)
                vecs[w] = v / np.linalg.norm(v)
    return vecs


train_x, train_y = read_sst("stsa.binary.train")
dev_x, dev_y = read_sst("stsa.binary.dev")
known = {" ".join(x) for x in train_x}
keep = [i for i, x in enumerate(dev_x) if " ".join(x) not in known]
dev_x, dev_y = [dev_x[i] for i in keep], dev_y[keep]

vocab = {}
for sent in train_x + dev_x:
    for w in sent:
        vocab.setdefault(w, len(vocab))
glove = read_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), vocab)
dim = 50
# fault:
matrix = np.random.normal(size=(len(vocab), dim)).astype(np.float32)
# mended:
# matrix = (np.random.normal(size=(len(vocab), dim)) * 0.05).astype(np.float32)
# end
hits = 0
for w, i in vocab.items():
    if w in glove:
        matrix[i] = glove[w]
        hits += 1
print(f"{hits} of {len(vocab)} words have a vector")


def pack(sents):
    ids = [vocab[w] for s in sents for w in s]
    return torch.tensor(ids), torch.tensor(np.cumsum([0] + [len(s) for s in sents[:-1]]))


class DAN(nn.Module):
    def __init__(self, matrix, hidden=48):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), freeze=True, mode="mean")
        self.ff = nn.Sequential(nn.Linear(matrix.shape[1], hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 1))

    def forward(self, ids, offsets):
        return self.ff(self.words(ids, offsets)).squeeze(1)


model = DAN(matrix)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.ff.parameters(), lr=1e-2)
EPOCHS = 8
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)


def accuracy(xs, ys):
    model.eval()
    with torch.no_grad():
        out = model(*pack(xs)) > 0
    return (out.numpy() == (ys > 0.5)).mean()


for epoch in range(EPOCHS):
    model.train()
    order = np.random.permutation(len(train_x))
    total = 0.0
    for s in range(0, len(order), 50):
        idx = order[s:s + 50]
        loss = criterion(model(*pack([train_x[i] for i in idx])), torch.from_numpy(train_y[idx]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    print(f"epoch {epoch}: loss {total / len(order):.4f} train acc {accuracy(train_x, train_y):.3f} dev acc {accuracy(dev_x, dev_y):.3f}")
