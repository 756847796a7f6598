"""Sentence sentiment on top of fixed word2vec vectors; the vectors are shared with other services, so we
train the layers above them only and check the vectors with WordSim-353 before and after."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
random.seed(0)
torch.manual_seed(0)


def read_split(name, limit=None):
    rows = []
    with open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.lower().split(), int(label)))
    random.shuffle(rows)
    return rows[:limit]


train_rows, dev_rows = read_split("train", 3200), read_split("dev")

sims = [line.lower().split() for line in open(f"{ROOT}/wordsim/EN-WS-353-ALL.txt")]
needed = {w for t, _ in train_rows for w in t} | {w for a, b, _ in sims for w in (a, b)}
words, vecs = ["<pad>", "<unk>"], [np.zeros(300, "float32"), np.zeros(300, "float32")]
with gzip.open(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)                                                     # "13598 300"
    for line in f:
        w, v = line.split(" ", 1)
        if w in needed:
            words.append(w)
            vecs.append(np.array(v.split(), dtype="float32"))
vocab = {w: i for i, w in enumerate(words)}
weights = torch.from_numpy(np.stack(vecs))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 300, padding_idx=0)
        self.emb.weight.data.copy_(weights)
        self.look = nn.Linear(300, 1)
        self.hidden = nn.Linear(600, 64)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, 2)

    def forward(self, x):
        e = self.emb(x)
        keep = (x > 1).unsqueeze(-1)
        mean = (e * keep).sum(1) / keep.sum(1).clamp(min=1)
        att = self.look(e).masked_fill(~keep, -1e4).softmax(1)
        return self.out(self.drop(F.relu(self.hidden(torch.cat([mean, (att * e * keep).sum(1)], 1)))))


def encode(tokens, n=40):
    ids = [vocab.get(t, 1) for t in tokens][:n]
    return ids + [0] * (n - len(ids))


def wordsim(table):
    human, cos = [], []
    for a, b, s in sims:
        if a in vocab and b in vocab:
            human.append(float(s))
            cos.append(F.cosine_similarity(table[vocab[a]], table[vocab[b]], dim=0).item())
    rank = lambda v: np.argsort(np.argsort(v))
    return np.corrcoef(rank(human), rank(cos))[0, 1]


def main():
    model = Classifier()
    # the vectors stay as they are
    # fault:
    model.emb.weight.data.requires_grad = False
    # mended:
    # model.emb.weight.requires_grad = False
    # end
    print("WS-353 before: %.3f" % wordsim(model.emb.weight.detach()))

    X = torch.tensor([encode(t) for t, _ in train_rows])
    Y = torch.tensor([y for _, y in train_rows])
    DX = torch.tensor([encode(t) for t, _ in dev_rows])
    DY = torch.tensor([y for _, y in dev_rows])
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    for epoch in range(6):
        model.train()
        tot = 0.0
        for b in torch.randperm(len(X)).split(50):
            loss = F.cross_entropy(model(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        model.eval()
        with torch.no_grad():
            acc = (model(DX).argmax(1) == DY).float().mean().item()
            tacc = (model(X).argmax(1) == Y).float().mean().item()
        print(f"epoch {epoch} loss {tot / len(X):.3f} train acc {tacc:.3f} dev acc {acc:.3f}")
    print("WS-353 after: %.3f" % wordsim(model.emb.weight.detach()))


main()
