"""Sentence relatedness on SICK with weighted averages of frozen GloVe vectors (a post about simple baselines).

The vectors stay frozen on purpose; learned are one weight per word (starting from its rarity) and a small regressor.
"""
import csv
import gzip
import os
import re

import torch
from scipy.stats import pearsonr
from torch import nn

torch.manual_seed(13)
DATA = os.environ["WORDFIT_DATA"]


def tokens(s):
    return re.findall(r"[a-z]+", s.lower())


def read(name, limit=None):
    with open(os.path.join(DATA, "glue", "SICK", name), encoding="utf8") as f:
        rows = [(r["sentence_A"], r["sentence_B"], float(r["relatedness_score"]))
                for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return rows[:limit]


train_rows = read("SICK_train.txt")
vectors, vocab, rank = [[0.0] * 50], {"<pad>": 0}, [1.0]
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for n, line in enumerate(f, start=1):
        word, _, numbers = line.partition(" ")
        vocab[word] = len(vectors)
        vectors.append([float(x) for x in numbers.split()])
        rank.append(float(n))
vectors, rank = torch.tensor(vectors), torch.tensor(rank)


def pair_key(row):
    return frozenset(tuple(t for t in tokens(s) if t in vocab) for s in row[:2])


train_pairs = {pair_key(r) for r in train_rows}
test_rows = [r for r in read("SICK_test_annotated.txt") if pair_key(r) not in train_pairs][:1500]


def encode(rows, width=24):
    sides = []
    for k in (0, 1):
        ids = [[vocab[t] for t in tokens(r[k]) if t in vocab][:width] for r in rows]
        sides.append(torch.tensor([i + [0] * (width - len(i)) for i in ids]))
    return sides[0], sides[1], torch.tensor([r[2] for r in rows])


class WeightedAverage(nn.Module):
    def __init__(self, vectors, rank):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.log_weight = nn.Embedding.from_pretrained(0.3 * rank.log().unsqueeze(1), freeze=False)

    def forward(self, ids):
        weight = self.log_weight(ids).exp() * (ids != 0).unsqueeze(-1)
        return (self.vectors(ids) * weight).sum(1) / weight.sum(1).clamp(min=1e-6)


class Relatedness(nn.Module):
    def __init__(self, vectors, rank):
        super().__init__()
        self.sentence = WeightedAverage(vectors, rank)
        self.regress = nn.Sequential(nn.Linear(101, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1))
        nn.init.constant_(self.regress[-1].bias, 3.5)

    def forward(self, a, b):
        u, v = self.sentence(a), self.sentence(b)
        cosine = nn.functional.cosine_similarity(u, v, dim=-1).unsqueeze(-1)
        return self.regress(torch.cat([(u - v).abs(), u * v, cosine], dim=-1)).squeeze(-1)


def correlation(model, data):
    model.eval()
    with torch.no_grad():
        guess = model(data[0], data[1])
    return pearsonr(guess.numpy(), data[2].numpy())[0], nn.functional.mse_loss(guess, data[2]).item()


train, test = encode(train_rows), encode(test_rows)
print(len(train_rows), "training pairs,", len(test_rows), "test pairs")
model = Relatedness(vectors, rank)
groups = [{"params": model.sentence.log_weight.parameters(), "lr": 2e-3}, {"params": model.regress.parameters(), "lr": 4e-3, "weight_decay": 0.05}]
optimizer = torch.optim.AdamW(groups, weight_decay=0.0)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
for epoch in range(1, 13):
    model.train()
    for index in torch.randperm(len(train_rows)).split(64):
        loss = nn.functional.mse_loss(model(train[0][index], train[1][index]), train[2][index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    schedule.step()
    if epoch % 2 == 0:
        (a, b), (c, d) = correlation(model, train), correlation(model, test)
        print(f"epoch {epoch:2d}  train r {a:.3f} mse {b:.3f}   test r {c:.3f} mse {d:.3f}")
print(f"test Pearson {c:.3f}, mse {d:.3f} against a variance of {test[2].var().item():.3f}")
