"""Estimate the average word length of a sentence from its characters (Brown corpus), CNN with average pooling."""
import gzip
import os
import random
import re
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(29)
torch.manual_seed(29)
MAXLEN = 120


class Sentences(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        s = self.rows[i]
        x = torch.zeros(MAXLEN, dtype=torch.long)
        x[: len(s)] = torch.tensor([ord(c) - 96 if c != " " else 27 for c in s])
        words = s.split()
        return x, torch.tensor(sum(map(len, words)) / len(words))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(28, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 32, 3, padding=1)
        self.fc = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        h = torch.relu(self.conv(self.embedding(x).transpose(1, 2)))
        # fault:
        pooled = nn.functional.avg_pool1d(h, h.size(2)).squeeze(2)
        # mended:
        # real = x.ne(0).unsqueeze(1)
        # pooled = (h * real).sum(2) / real.sum(2)
        # end
        return self.fc(pooled).squeeze(1)


def load():
    path = Path(os.environ.get("WORDFIT_DATA", "../shared/data"), "corpora", "brown.txt.gz")
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            s = " ".join(re.findall("[a-z]+", line.lower()))
            if 12 <= len(s) <= MAXLEN:
                found.append(s)
            if len(found) == 9000:
                break
    found = sorted(set(found))
    random.shuffle(found)
    return found[:2400], found[2400:3000]


def main():
    train, dev = load()
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(6):
        for x, y in DataLoader(Sentences(train), 40, shuffle=True):
            loss = nn.functional.mse_loss(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            p, t = map(torch.cat, zip(*[(net(x), y) for x, y in DataLoader(Sentences(dev), 200)]))
        print(f"epoch {epoch} mse {loss.item():.4f} dev R2 {1 - nn.functional.mse_loss(p, t) / t.var():.4f}")


if __name__ == "__main__":
    main()
