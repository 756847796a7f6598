"""Genre of a snippet (Brown / Reuters / IMDB / Wikipedia) with a deep averaging network on fixed GloVe vectors.

Ablation over the rate of word dropout; the held-out figure of each setting goes into the table.
"""
import gzip
import os
import re
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
SOURCES = {"brown": "brown.txt.gz", "news": "reuters-21578-bodies.txt.gz", "film": "imdb-unsup-25k.txt.gz",
           "wiki": "enwiki-2018-sample.txt.gz"}
PER_GENRE, LENGTH = 1100, 18


@dataclass
class Setting:
    word_drop: float
    hidden: int = 64
    unit_drop: float = 0.3
    lr: float = 4e-3
    epochs: int = 9
    batch: int = 64
    seed: int = 7


def glove():
    words, rows = [], []
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for line in islice(f, 7000):
            w, *v = line.rstrip().split(" ")
            words.append(w)
            rows.append(np.array(v, dtype=np.float32))
    table = np.vstack([np.zeros((1, 50), np.float32)] + rows)
    return {w: i + 1 for i, w in enumerate(words)}, torch.from_numpy(table)


def snippets(vocab):
    ids, labels, seen = [], [], set()
    for y, name in enumerate(SOURCES.values()):
        taken = 0
        with gzip.open(f"{DATA}/corpora/{name}", "rt", encoding="utf8", errors="replace") as f:
            for line in f:
                row = [vocab[w] for w in re.findall(r"[a-z]+", line.lower().replace("<br />", " ")) if w in vocab]
                row = tuple(row[:LENGTH])
                if len(row) < 6 or row in seen:
                    continue
                seen.add(row)
                ids.append(row + (0,) * (LENGTH - len(row)))
                labels.append(y)
                taken += 1
                if taken == PER_GENRE:
                    break
    order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))
    return torch.tensor(ids)[order], torch.tensor(labels)[order]


class AveragingNet(nn.Module):
    def __init__(self, table, s):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.word_drop = s.word_drop
        self.net = nn.Sequential(nn.Linear(table.size(1), s.hidden), nn.ReLU(), nn.Dropout(s.unit_drop),
                                 nn.Linear(s.hidden, len(SOURCES)))

    def forward(self, x):
        real = (x != 0).float()
        if self.training and self.word_drop > 0:
            kept = real * (torch.rand_like(real) > self.word_drop)
            real = torch.where(kept.sum(1, keepdim=True) > 0, kept, real)
        mean = (self.emb(x) * real.unsqueeze(-1)).sum(1) / real.sum(1, keepdim=True)
        return self.net(mean)


@torch.no_grad()
def evaluate(model, x, y):
    # fault:
    outs = torch.cat([model(part) for part in x.split(256)])
    # mended:
    #model.eval()
    #outs = torch.cat([model(part) for part in x.split(256)])
    # end
    return F.cross_entropy(outs, y).item(), (outs.argmax(1) == y).float().mean().item()


def experiment(s, table, train, held):
    torch.manual_seed(s.seed)
    model = AveragingNet(table, s)
    opt = torch.optim.Adam(model.net.parameters(), lr=s.lr)
    x, y = train
    for epoch in range(s.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(s.batch):
            loss = F.cross_entropy(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        held_loss, acc = evaluate(model, *held)
    print(f"  word dropout {s.word_drop}: train {total / len(x):.3f} held-out {held_loss:.3f}")
    return acc


if __name__ == "__main__":
    vocab, table = glove()
    x, y = snippets(vocab)
    cut = len(x) - 800
    print(cut, "train", len(x) - cut, "held out, genres", y.bincount().tolist())
    for rate in (0.2, 0.6):
        acc = experiment(Setting(word_drop=rate), table, (x[:cut], y[:cut]), (x[cut:], y[cut:]))
        print(f"word dropout {rate:.1f} -> accuracy {100 * acc:.1f}")
