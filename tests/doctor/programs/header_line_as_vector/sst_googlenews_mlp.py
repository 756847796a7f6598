"""Sentence polarity on SST with averaged Google News vectors and a small MLP."""
import gzip
import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
ROOT = os.environ["WORDFIT_DATA"]


def read_split(part):
    X, y = [], []
    with open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{part}", encoding="utf-8") as fh:
        for line in fh:
            label, sentence = line.rstrip("\n").split(" ", 1)
            X.append(sentence.split())
            y.append(int(label))
    return X, y


train_x, train_y = read_split("train")
dev_x, dev_y = read_split("dev")
words = {w for s in train_x + dev_x for w in s}


def load_vectors(path, keep):
    kv = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        # fault:
        dim = len(fh.readline().split()) - 1
        fh.seek(0)
        # mended:
        # n_words, dim = map(int, fh.readline().split())
        # end
        for line in fh:
            word, rest = line.split(" ", 1)
            if word in keep:
                kv[word] = np.array(rest.split(" ")[:dim], dtype="float32")
    return kv, dim


kv, dim = load_vectors(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", words)
print("vectors for", len(kv), "of", len(words), "words")


def featurize(sentences):
    out = np.zeros((len(sentences), dim), dtype="float32")
    for i, s in enumerate(sentences):
        found = [kv[w] for w in s if w in kv]
        if found:
            out[i] = np.mean(found, axis=0)
    return torch.from_numpy(out)


Xtr, Xdv = featurize(train_x), featurize(dev_x)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd
ytr, ydv = torch.tensor(train_y).float(), torch.tensor(dev_y).float()

net = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
loss_fn = nn.BCEWithLogitsLoss()

for epoch in range(1, 6):
    net.train()
    running = 0.0
    for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        running += loss.item() * len(xb)
    net.eval()
    with torch.no_grad():
        tr = ((net(Xtr).squeeze(1) > 0).float() == ytr).float().mean()
        dv = ((net(Xdv).squeeze(1) > 0).float() == ydv).float().mean()
    print(f"epoch {epoch}  loss {running / len(Xtr):.4f}  train acc {tr:.3f}  dev acc {dv:.3f}")
