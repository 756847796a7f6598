"""SST-2 sentences with Google News vectors: a small trainer with callbacks.  Vectors stay as they are."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])


class VectorFile:
    """Reads only the words that are asked for."""

    def __init__(self, path):
        self.path = path
        self.dim = None

    def open(self):
        return gzip.open(self.path, "rt", encoding="utf-8", newline="\n")

    def load(self, wanted):
        found = {}
        with self.open() as fh:
            # fault:
            self.dim = len(fh.readline().split()) - 1
            fh.seek(0)
            # mended:
            # self.dim = int(fh.readline().split()[1])
            # end
            for line in fh:
                word, rest = line.split(" ", 1)
                if word in wanted:
                    found[word] = np.fromstring(rest, sep=" ", dtype=np.float32)[:self.dim]
        return found


def sentences(name, limit=None):
    with open(DATA / "sentiment" / "SST-2-sentences" / f"stsa.binary.{name}", encoding="utf-8") as fh:
        for k, line in enumerate(fh):
            if limit and k >= limit:
                return
            label, text = line.rstrip("\n").split(" ", 1)
            yield text.split(), int(label)


class Averager(nn.Module):
    def __init__(self, matrix, hidden=32):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(matrix.shape[1], hidden), nn.Tanh(), nn.Dropout(0.3), nn.Linear(hidden, 1))

    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True).clamp(min=1)
        return self.net(self.emb(ids).sum(1) / n * 4).squeeze(1)


class Callback:
    def on_epoch(self, trainer, epoch, loss): ...


class Report(Callback):
    def on_epoch(self, trainer, epoch, loss):
        print(f"epoch {epoch}  bce {loss:.4f}  train {trainer.accuracy(*trainer.train):.3f}  dev {trainer.accuracy(*trainer.dev):.3f}")


class Trainer:
    def __init__(self, model, train, dev, callbacks):
        self.model, self.train, self.dev, self.callbacks = model, train, dev, callbacks
        self.crit = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        return ((self.model(x) > 0) == y.bool()).float().mean().item()

    def run(self, epochs, bs=64):
        x, y = self.train
        for epoch in range(1, epochs + 1):
            self.model.train()
            total = 0.0
            for sel in torch.randperm(len(x)).split(bs):
                loss = self.crit(self.model(x[sel]), y[sel])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(sel)
            for cb in self.callbacks:
                cb.on_epoch(self, epoch, total / len(x))


torch.manual_seed(21)
train, dev = list(sentences("train", 4000)), list(sentences("dev"))
wanted = {w for s, _ in train + dev for w in s}
vectors = VectorFile(DATA / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz")
found = vectors.load(wanted)
index = {w: i for i, w in enumerate(found, 1)}
matrix = torch.zeros(len(index) + 1, vectors.dim)
for w, i in index.items():
    matrix[i] = torch.from_numpy(found[w])
print(len(found), "of", len(wanted), "words have a vector; table", tuple(matrix.shape))


def tensors(rows, width=40):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for k, (s, _) in enumerate(rows):
        ids = [index[w] for w in s if w in index][:width]
        x[k, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([float(l) for _, l in rows])


Trainer(Averager(matrix), tensors(train), tensors(dev), [Report()]).run(4)
