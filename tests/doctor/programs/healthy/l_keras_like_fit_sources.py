"""A little Keras lookalike (compile / fit / evaluate) that I used in a course; here it guesses where a sentence is from."""
import gzip, os, re
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

rng = np.random.RandomState(7)
torch.manual_seed(7)
D = os.environ["WORDFIT_DATA"]


class Sequential:
    """model.add(...), model.compile(...), model.fit(...)"""

    def __init__(self):
        self.layers, self.net, self.history = [], None, {"loss": [], "val_loss": [], "val_acc": []}

    def add(self, layer):
        self.layers.append(layer)

    def compile(self, optimizer="rmsprop", lr=1e-3, loss="sparse_categorical_crossentropy"):
        self.net = nn.Sequential(*self.layers)
        self.opt = {"rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}[optimizer](self.net.parameters(), lr=lr)
        self.lossf = {"sparse_categorical_crossentropy": F.cross_entropy}[loss]

    def _batches(self, x, y, size, shuffle):
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        for i in range(0, len(x), size):
            j = order[i:i + size]
            yield torch.from_numpy(x[j]), torch.from_numpy(y[j])

    def fit(self, x, y, epochs, batch_size, validation_data):
        for e in range(epochs):
            self.net.train()
            s = 0.0
            for xb, yb in self._batches(x, y, batch_size, True):
                self.opt.zero_grad()
                l = self.lossf(self.net(xb), yb)
                l.backward()
                self.opt.step()
                s += l.item() * len(xb)
            vl, va = self.evaluate(*validation_data)
            for k, v in zip(self.history, (s / len(x), vl, va)):
                self.history[k].append(v)
            print(f"Epoch {e + 1}/{epochs} - loss: {s / len(x):.4f} - val_loss: {vl:.4f} - val_acc: {va:.4f}")
        return self.history

    def evaluate(self, x, y, batch_size=256):
        self.net.eval()
        l = n = 0.0
        with torch.no_grad():
            for xb, yb in self._batches(x, y, batch_size, False):
                o = self.net(xb)
                l += float(self.lossf(o, yb, reduction="sum"))
                n += float((o.argmax(1) == yb).sum())
        return l / len(x), n / len(x)


class GlobalMaxPooling1D(nn.Module):
    # masked tokens (row 0 of the table) must not win the maximum
    def forward(self, pair):
        e, ids = pair
        return e.masked_fill((ids == 0).unsqueeze(-1), -1e4).max(1)[0]


class Embedding(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.table = nn.Embedding(n, d, padding_idx=0)

    def forward(self, ids):
        return self.table(ids), ids


def lines(path, n):
    f = gzip.open(path, "rt", encoding="utf-8")
    out = []
    for line in f:
        w = re.findall(r"[a-z]+", line.lower())
        if len(w) >= 12:
            out.append(w[:20])
        if len(out) == n:
            return out


texts, labels = [], []
for k, p in enumerate(["corpora/brown.txt.gz", "corpora/imdb-unsup-25k.txt.gz", "seq2seq/multi30k/train.en.gz"]):
    part = lines(os.path.join(D, p), 1100)
    texts += part
    labels += [k] * len(part)
y = np.array(labels, dtype=np.int64)
order = rng.permutation(len(texts))
cut = int(.8 * len(order))
seen = {}
for i in order[:cut]:
    for w in texts[i]:
        seen[w] = seen.get(w, 0) + 1
vocab = {w: i + 2 for i, w in enumerate(sorted(w for w in seen if seen[w] > 3))}
x = np.zeros((len(texts), 20), dtype=np.int64)
for i, t in enumerate(texts):
    x[i, :len(t)] = [vocab.get(w, 1) for w in t]

model = Sequential()
model.add(Embedding(len(vocab) + 2, 24))
model.add(GlobalMaxPooling1D())
model.add(nn.Dropout(0.3))
model.add(nn.Linear(24, 3))
model.compile("adam", lr=1e-2)
model.fit(x[order[:cut]], y[order[:cut]], epochs=6, batch_size=32, validation_data=(x[order[cut:]], y[order[cut:]]))
print("train", model.evaluate(x[order[:cut]], y[order[:cut]]))
print("test ", model.evaluate(x[order[cut:]], y[order[cut:]]))
