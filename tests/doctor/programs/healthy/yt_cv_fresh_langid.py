"""Language identification on Multi30k captions: 4-fold cross validation with hashed character trigrams."""
import gzip
import os
import random
import zlib

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import nn

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["cs", "de", "en", "fr"]
BUCKETS = 4096

random.seed(3)
torch.manual_seed(3)


def trigrams(line):
    line = "^" + line.strip().lower() + "$"
    return [zlib.crc32(line[i:i + 3].encode("utf8")) % BUCKETS for i in range(len(line) - 2)]


texts, labels = [], []
seen = set()
for k, lang in enumerate(LANGS):
    with gzip.open(os.path.join(ROOT, "val." + lang + ".gz"), "rt", encoding="utf8") as fh:
        for line in list(fh)[:400]:
            piece = " ".join(line.split()[:5])          # five words make it a bit harder
            if len(piece) > 4 and piece not in seen:
                seen.add(piece)
                texts.append(piece)
                labels.append(k)
labels = np.array(labels)
feats = [torch.tensor(trigrams(t)) for t in texts]
print(len(texts), "lines", np.bincount(labels))


def collate(index):
    rows = [feats[i] for i in index]
    offsets = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return torch.cat(rows), offsets, torch.from_numpy(labels[index])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.out = nn.Linear(16, len(LANGS))

    def forward(self, flat, offsets):
        return self.out(self.bag(flat, offsets))


def run_fold(tr, te):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    lossf = nn.CrossEntropyLoss()
    for epoch in range(4):
        net.train()
        total = 0.0
        order = np.random.RandomState(epoch).permutation(tr)
        for s in range(0, len(order), 64):
            flat, off, y = collate(order[s:s + 64])
            loss = lossf(net(flat, off), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        flat, off, y = collate(te)
        acc = (net(flat, off).argmax(1) == y).float().mean().item()
    return total / len(tr), acc


scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(4, shuffle=True, random_state=0).split(texts, labels)):
    train_loss, acc = run_fold(tr, te)
    scores.append(acc)
    print(f"fold {fold}: last train loss {train_loss:.4f}  held-out acc {acc:.4f}")
print(f"CV accuracy {np.mean(scores):.4f} +- {np.std(scores):.4f}")
