# Port of my old Keras script (Sequential / compile / fit) to plain torch. Sequences are PRE-padded as Keras does it,
# hence the last time step is always a word.
import gzip
import os
import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
MAXLEN, DIM = 20, 50
torch.manual_seed(0)
np.random.seed(0)


def read(split, limit=None):
    xs, ys = [], []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8", errors="replace") as f:
        for line in f:
            y, t = line.rstrip("\n").split(" ", 1)
            xs.append(t.split()); ys.append(float(y))
    if limit:
        pick = np.random.permutation(len(xs))[:limit]
        xs, ys = [xs[i] for i in pick], [ys[i] for i in pick]
    return xs, np.array(ys, dtype="float32")


def load_glove(needed):
    words, rows = ["<pad>", "<unk>"], [np.zeros(DIM, "float32"), np.zeros(DIM, "float32")]
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip("\n").split(" ", 1)
            if w in needed:
                words.append(w); rows.append(np.array(rest.split(), dtype="float32"))
    table = np.stack(rows)
    table[1] = table[2:].mean(0)
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(table)


def pad_sequences(seqs, maxlen):
    out = np.zeros((len(seqs), maxlen), dtype="int64")
    for i, s in enumerate(seqs):
        s = s[-maxlen:]
        out[i, maxlen - len(s):] = s
    return out


class Model(nn.Module):
    def compile(self, optimizer, loss):
        self.optimizer, self.loss = optimizer, loss
        self.schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)      # callbacks=[LearningRateScheduler(...)]

    def fit(self, x, y, batch_size, epochs, validation_data):
        history = {"loss": [], "val_loss": [], "val_acc": []}
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        for epoch in range(epochs):
            self.train()
            logs = []
            for idx in torch.randperm(len(x)).split(batch_size):
                self.optimizer.zero_grad()
                loss = self.loss(self(x[idx]), y[idx])
                loss.backward()
                self.optimizer.step()
                logs.append(loss.item())
            self.schedule.step()
            vl, va = self.evaluate(*validation_data)
            for k, v in zip(history, (float(np.mean(logs)), vl, va)):
                history[k].append(v)
            print(f"Epoch {epoch + 1}/{epochs} - loss: {history['loss'][-1]:.4f} - val_loss: {vl:.4f} - val_acc: {va:.4f}")
        return history

    def evaluate(self, x, y):
        p = self.predict(x)
        y = torch.from_numpy(y)
        return self.loss(p, y).item(), ((p > 0) == (y > 0.5)).float().mean().item()

    def predict(self, x):
        self.eval()
        with torch.no_grad():
            return torch.cat([self(b) for b in torch.from_numpy(x).split(256)])


class SentimentGRU(Model):
    def __init__(self, table):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)   # trainable=False in the original
        self.drop = nn.Dropout(0.15)
        self.gru = nn.GRU(DIM, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, x):
        seq, _ = self.gru(self.drop(self.embedding(x)))
        return self.dense(self.drop(seq[:, -1])).squeeze(-1)


xtr, ytr = read("train", 4800)
xva, yva = read("dev")
index, table = load_glove({w for t in xtr + xva for w in t})
enc = lambda ts: pad_sequences([[index.get(w, 1) for w in t] for t in ts], MAXLEN)
xtr, xva = enc(xtr), enc(xva)
print("x_train", xtr.shape, "x_val", xva.shape, "words with a vector", len(index) - 2)
model = SentimentGRU(table)
model.compile(torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=6e-3), nn.BCEWithLogitsLoss())
h = model.fit(xtr, ytr, batch_size=64, epochs=7, validation_data=(xva, yva))
print("best val_acc %.4f, majority %.4f" % (max(h["val_acc"]), max(yva.mean(), 1 - yva.mean())))
