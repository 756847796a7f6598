# IMDB reviews, dense net on averaged GloVe vectors. Ported from my old Keras notebook (pad_sequences etc.)
import os, gzip, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

np.random.seed(7); torch.manual_seed(7)
DATA = os.environ["WORDFIT_DATA"]
# fault:
maxlen = 12
# mended:
# maxlen = 400
# end
n_train, n_val = 3000, 1000

with gzip.open(os.path.join(DATA, "sentiment/imdb/train.tsv.gz"), "rt", encoding="utf-8") as f:
    lines = [l.rstrip("\n").split("\t") for l in f]
lines = [l for l in lines if l[0] in ("0", "1", "pos", "neg")]
pick = np.random.permutation(len(lines))[: n_train + n_val]
texts = [lines[i][-1] for i in pick]
labels = np.array([lines[i][0] in ("1", "pos") for i in pick], dtype="float32")

word_index, table = {}, [np.zeros(50, "float32")]
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        word_index[w] = len(table)
        table.append(np.array(v, dtype="float32"))
embedding_matrix = np.stack(table)


def texts_to_sequences(texts):
    for t in texts:
        t = t.lower().replace("<br />", " ")
        yield [word_index[w] for w in re.findall(r"[a-z]+|n't|[!?.]", t) if w in word_index]


def pad_sequences(seqs, maxlen, value=0):
    out = np.full((len(seqs), maxlen), value, dtype="int64")
    for row, s in zip(out, seqs):
        s = s[:maxlen]
        row[: len(s)] = s
    return out


X = pad_sequences(list(texts_to_sequences(texts)), maxlen)
print("X", X.shape, "positive", labels.mean().round(3))
X, y = torch.from_numpy(X), torch.from_numpy(labels)
train = DataLoader(TensorDataset(X[:n_train], y[:n_train]), batch_size=64, shuffle=True)
val = DataLoader(TensorDataset(X[n_train:], y[n_train:]), batch_size=256)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(embedding_matrix), freeze=True, padding_idx=0)
        self.bn = nn.BatchNorm1d(100)
        self.dense1 = nn.Linear(100, 32)
        self.drop = nn.Dropout(0.3)
        self.dense2 = nn.Linear(32, 1)

    def forward(self, x):
        e = self.embedding(x)          # row 0 is all zeros
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        mean = e.sum(1) / n
        var = (e * e).sum(1) / n - mean ** 2
        h = self.bn(torch.cat([mean, var], 1))
        return self.dense2(self.drop(torch.relu(self.dense1(h)))).squeeze(-1)


model = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop([p for p in model.parameters() if p.requires_grad], lr=2e-3)


def run(loader, learn):
    model.train(learn)
    tot = hit = cnt = 0
    with torch.set_grad_enabled(learn):
        for xb, yb in loader:
            logit = model(xb)
            loss = criterion(logit, yb)
            if learn:
                optimizer.zero_grad(); loss.backward(); optimizer.step()
            tot += loss.item() * len(yb); cnt += len(yb)
            hit += ((logit > 0) == (yb > 0.5)).sum().item()
    return tot / cnt, hit / cnt


for epoch in range(4):
    l, a = run(train, True)
    vl, va = run(val, False)
    print(f"Epoch {epoch + 1}/4 - loss: {l:.4f} - acc: {a:.4f} - val_loss: {vl:.4f} - val_acc: {va:.4f}")
