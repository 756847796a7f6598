"""Support desk: is a customer's review of a gadget a complaint? Few labelled reviews, so fixed word2vec vectors."""
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]
random.seed(4)
torch.manual_seed(4)


def words_of(text):
    return re.findall(r"[a-z]+", text.lower())


def load_vectors(path, wanted):
    index, rows = {"<pad>": 0}, [np.zeros(300, dtype=np.float32)]
    with gzip.open(path, "rt", encoding="utf8") as f:
        next(f)  # the header of the word2vec format
        for line in f:
            word, numbers = line.split(" ", 1)
            if word in wanted:
                index[word] = len(rows)
                rows.append(np.array(numbers.split(), dtype=np.float32))
    return index, torch.from_numpy(np.stack(rows))


class ReviewModel(nn.Module):
    def __init__(self, vectors, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(*vectors.shape, padding_idx=0)
        self.emb.weight.data.copy_(vectors)
        self.emb.weight.requires_grad_(False)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(vectors.shape[1], hidden)
        self.out = nn.Linear(hidden, 1)
        # fault:
        self.apply(self._init_weights)
        # mended:
        #self.fc.apply(self._init_weights)
        #self.out.apply(self._init_weights)
        # end

    @staticmethod
    def _init_weights(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.15)
            m.weight.data[0] = 0

    def forward(self, ids):
        v = self.emb(ids)
        share = (ids != 0).float()
        share = share / share.sum(1, keepdim=True)
        mean = torch.bmm(share.unsqueeze(1), v).squeeze(1)
        h = torch.relu(self.fc(self.drop(mean)))
        return self.out(self.drop(h)).squeeze(1)


def read(name):
    with open(os.path.join(ROOT, "sentiment/CR", name), encoding="utf8") as f:
        return sorted({line.strip() for line in f if len(line.split()) > 3})


def batch(rows):
    width = max(len(ids) for ids, _ in rows)
    x = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in rows])
    return x, torch.tensor([float(label) for _, label in rows])


good, bad = read("custrev.pos"), read("custrev.neg")
random.shuffle(good)
complaints = set(bad)
good = [t for t in good if t not in complaints][:len(bad)]
index, vectors = load_vectors(os.path.join(ROOT, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"),
                              {w for t in good + bad for w in words_of(t)})
data = [([index[w] for w in words_of(t) if w in index][:30], label) for label, texts in enumerate([good, bad]) for t in texts]
data = [(ids, label) for ids, label in data if len(ids) > 1]
random.shuffle(data)
held = {tuple(ids) for ids, _ in data[:600]}
dev = data[:600]
train = [(ids, label) for ids, label in data[600:] if tuple(ids) not in held]
print(len(train), "reviews to train,", len(dev), "held out,", sum(l for _, l in dev), "of them complaints")

model = ReviewModel(vectors)
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3, weight_decay=1e-4)
bce = nn.BCEWithLogitsLoss()


@torch.no_grad()
def test(rows):
    model.eval()
    loss = right = 0
    for i in range(0, len(rows), 200):
        x, y = batch(rows[i:i + 200])
        out = model(x)
        loss += bce(out, y).item() * len(y)
        right += ((out > 0) == (y > 0.5)).sum().item()
    return loss / len(rows), right / len(rows)


for epoch in range(7):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = batch(train[i:i + 32])
        loss = bce(model(x), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
    print("epoch %2d  train %.3f %.3f  dev %.3f %.3f" % (epoch, *test(train[:600]), *test(dev)))
