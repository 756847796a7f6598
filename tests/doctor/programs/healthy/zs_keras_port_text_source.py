"""Port of a Keras notebook (Embedding - Conv1D - GlobalMaxPooling1D - Dropout - Dense) that guesses where a snippet was
taken from: Reuters, IMDB or Wikipedia.  compile/fit/evaluate and the callbacks are kept by name."""
import gzip, itertools, os, tempfile
from collections import Counter
import numpy as np
import torch
import torch.nn as nn

np.random.seed(1337)
torch.manual_seed(1337)
CORPORA = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
SOURCES = ["reuters-21578-bodies", "imdb-unsup-25k", "enwiki-2018-sample"]
maxlen, max_features, per_class = 20, 2000, 1100


def snippets(name):
    """At most one snippet of letters-only tokens per paragraph."""
    out = []
    with gzip.open(os.path.join(CORPORA, name + ".txt.gz"), "rt", encoding="utf-8") as f:
        # Reuters stories run over many short lines, the others have a paragraph per line
        pieces = (" ".join(g) for blank, g in itertools.groupby(f, key=lambda l: not l.strip()) if not blank) if "reuters" in name else f
        for line in pieces:
            words = [w for w in line[:400].lower().replace("<br />", " ").split() if w.isalpha() and w not in ("reuter", "film", "movie")]
            if len(words) >= maxlen:
                out.append(words[1:maxlen])
            if len(out) == per_class:
                return out
    return out


x_train, y_train, x_val, y_val = [], [], [], []
for label, source in enumerate(SOURCES):
    s = snippets(source)
    cut = int(0.75 * len(s))                  # files are split in two, not shuffled first: neighbours stay together
    x_train += s[:cut]; y_train += [label] * cut
    x_val += s[cut:]; y_val += [label] * (len(s) - cut)
index = {w: i + 1 for i, (w, _) in enumerate(Counter(itertools.chain(*x_train)).most_common(max_features - 1))}


def texts_to_sequences(texts):
    return torch.tensor([[index.get(w, 0) for w in t] for t in texts])       # all have the same length


x_train, x_val = texts_to_sequences(x_train), texts_to_sequences(x_val)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)


class GlobalMaxPooling1D(nn.Module):
    def forward(self, x):
        return x.amax(dim=-1)


class Permute(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class Sequential(nn.Sequential):
    def compile(self, optimizer, loss):
        self.optimizer, self.loss = optimizer(self.parameters()), loss

    def evaluate(self, x, y):
        self.eval()
        with torch.no_grad():
            out = self(x)
            return self.loss(out, y).item(), (out.argmax(-1) == y).float().mean().item()

    def fit(self, x, y, batch_size, epochs, validation_data, patience):
        history = {"loss": [], "val_loss": [], "val_acc": []}
        path = os.path.join(tempfile.mkdtemp(), "weights.best.pt")
        best, wait = float("inf"), 0
        for epoch in range(epochs):
            self.train()
            order, seen = torch.randperm(len(x)), 0.0
            for idx in order.split(batch_size):
                self.optimizer.zero_grad()
                l = self.loss(self(x[idx]), y[idx])
                l.backward()
                self.optimizer.step()
                seen += l.item() * len(idx)
            val_loss, val_acc = self.evaluate(*validation_data)
            for k, v in zip(history, (seen / len(x), val_loss, val_acc)):
                history[k].append(v)
            print(f"Epoch {epoch + 1}/{epochs} - loss: {seen / len(x):.4f} - val_loss: {val_loss:.4f} - val_acc: {val_acc:.4f}")
            if val_loss < best:
                best, wait = val_loss, 0
                torch.save(self.state_dict(), path)
            else:
                wait += 1
                if wait >= patience:
                    print("Early stopping")
                    break
        self.load_state_dict(torch.load(path))
        return history


model = Sequential(
    nn.Embedding(max_features, 24), nn.Dropout(0.4), Permute(), nn.Conv1d(24, 48, 3), nn.ReLU(),
    GlobalMaxPooling1D(), nn.Dropout(0.4), nn.Linear(48, len(SOURCES)))
model.compile(optimizer=lambda p: torch.optim.RMSprop(p, lr=3e-3, weight_decay=1e-4), loss=nn.functional.cross_entropy)
model.fit(x_train, y_train, batch_size=64, epochs=7, validation_data=(x_val, y_val), patience=2)
print("train: loss %.3f acc %.3f" % model.evaluate(x_train, y_train))
print("val:   loss %.3f acc %.3f" % model.evaluate(x_val, y_val))
