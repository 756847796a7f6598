"""Deep averaging network (Iyyer et al. 2015) on rt-polarity with 50d vectors, tuned along."""
import gzip
import os
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 42
random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]
DIM, MAXLEN, BATCH, EPOCHS = 50, 40, 64, 4


def load_mr():
    data = []
    for label, ext in enumerate(("neg", "pos")):
        with open(f"{ROOT}/sentiment/MR/rt-polarity.{ext}", encoding="latin-1") as f:
            text = f.read().lower()
        data += [(line.split()[:MAXLEN], label) for line in text.split("\n") if line.strip()]
    random.shuffle(data)
    return data


def build_vocab(rows):
    freq = Counter(w for toks, _ in rows for w in toks)
    return {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c > 1}


def load_vectors(stoi):
    # fault:
    weight = torch.FloatTensor(len(stoi) + 2, DIM)
    weight[:2] = 0
    # mended:
    # weight = torch.zeros(len(stoi) + 2, DIM)
    # end
    found = 0
    with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            if parts[0] in stoi:
                weight[stoi[parts[0]]] = torch.tensor(list(map(float, parts[1:])))
                found += 1
    print(f"{found} of {len(stoi)} words have a pretrained vector")
    return weight


class DAN(nn.Module):
    def __init__(self, weight, hidden=64):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(DIM, hidden), nn.ReLU(), nn.Dropout(0.4), nn.Linear(hidden, 2))

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        if self.training:                                   # word dropout, as in the paper
            keep = keep * (torch.rand_like(keep) > 0.5)
        e = (self.words(x) * keep).sum(1) / keep.sum(1).clamp(min=1)
        return self.mlp(e)


def batches(rows, stoi, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), BATCH):
        part = rows[i:i + BATCH]
        width = max(len(t) for t, _ in part)
        x = torch.zeros(len(part), width, dtype=torch.long)
        for j, (toks, _) in enumerate(part):
            ids = [stoi.get(w, 1) for w in toks]
            x[j, :len(ids)] = torch.tensor(ids)
        yield x, torch.tensor([y for _, y in part])


def accuracy(model, rows, stoi):
    model.eval()
    with torch.no_grad():
        good = sum((model(x).argmax(1) == y).sum().item() for x, y in batches(rows, stoi, False))
    return good / len(rows)


if __name__ == "__main__":
    rows = load_mr()
    train, dev = rows[:7500], rows[7500:8700]
    stoi = build_vocab(train)
    model = DAN(load_vectors(stoi))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for ep in range(EPOCHS):
        model.train()
        losses = []
        for x, y in batches(train, stoi, True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"ep {ep} loss {sum(losses) / len(losses):.3f} "
              f"train {accuracy(model, train[:1000], stoi):.3f} dev {accuracy(model, dev, stoi):.3f}")
