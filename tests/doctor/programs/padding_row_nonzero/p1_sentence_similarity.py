"""Semantic textual similarity with weighted GloVe averages (after Arora et al. 2017).

Frequent words get a small weight. On top of the averages we learn how much each dimension should
count in the cosine, and how a cosine is turned into a score between 0 and 5.
"""
import csv
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

DATA = os.environ["WORDFIT_DATA"]
DIM, MAX_LEN = 50, 36
torch.manual_seed(17)
rng = np.random.default_rng(17)


def tokenize(text):
    return re.findall(r"[a-z]+|\d+", text.lower())[:MAX_LEN]


def read_pairs(split):
    with open(os.path.join(DATA, "glue", "STS-B", f"{split}.tsv"), encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["score"]:
                yield tokenize(row["sentence1"]), tokenize(row["sentence2"]), float(row["score"])


def read_glove():
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, _, numbers = line.rstrip().partition(" ")
            if word in counts:
                yield word, np.fromstring(numbers, sep=" ")


class SimilarityPairs(Dataset):
    def __init__(self, pairs):
        self.rows = [(*self.encode(a), *self.encode(b), score) for a, b, score in pairs]

    @staticmethod
    def encode(words):
        ids = [vocab.get(w, vocab["<unk>"]) for w in words]
        return torch.tensor(ids + [vocab["<pad>"]] * (MAX_LEN - len(ids))), len(ids)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


class WeightedCosine(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.dimension_weight = nn.Parameter(torch.ones(DIM))
        self.to_score = nn.Linear(1, 1)
        nn.init.constant_(self.to_score.weight, 2.0)

    def encode(self, ids, lengths):
        average = self.embedding(ids).sum(dim=1) / lengths.unsqueeze(1)
        return average * self.dimension_weight

    def forward(self, a, a_len, b, b_len):
        cosine = torch.cosine_similarity(self.encode(a, a_len), self.encode(b, b_len), dim=-1)
        return self.to_score(cosine.unsqueeze(1)).squeeze(1)


def evaluate(model, loader):
    model.eval()
    scores, gold = [], []
    with torch.no_grad():
        for *sentences, target in loader:
            scores.append(model(*sentences))
            gold.append(target)
    scores, gold = torch.cat(scores).double(), torch.cat(gold)
    mse = ((scores - gold) ** 2).mean().item()
    return mse, np.corrcoef(scores.numpy(), gold.numpy())[0, 1]


train_pairs = list(read_pairs("train"))
trained_on = {(tuple(a), tuple(b)) for a, b, _ in train_pairs}
dev_pairs = [p for p in read_pairs("dev") if (tuple(p[0]), tuple(p[1])) not in trained_on]
counts = Counter(w for a, b, _ in train_pairs for w in a + b)
total_words = sum(counts.values())

glove = dict(read_glove())
vocab = {"<pad>": 0, "<unk>": 1}
for word in glove:
    vocab[word] = len(vocab)

# words without a vector keep a small random one
table = rng.normal(0.0, 0.4, size=(len(vocab), DIM))
for word, vector in glove.items():
    table[vocab[word]] = vector * 1e-3 / (1e-3 + counts[word] / total_words)
# fault:
table = torch.tensor(table, dtype=torch.float32)
# mended:
#table[vocab["<pad>"]] = 0.0
#table = torch.tensor(table, dtype=torch.float32)
# end

train_loader = DataLoader(SimilarityPairs(train_pairs), batch_size=64, shuffle=True)
dev_loader = DataLoader(SimilarityPairs(dev_pairs), batch_size=250)
model = WeightedCosine(table)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)

for epoch in range(1, 9):
    model.train()
    losses = []
    for *sentences, target in train_loader:
        loss = nn.functional.mse_loss(model(*sentences), target.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    mse, pearson = evaluate(model, dev_loader)
    print(f"epoch {epoch}: train mse {np.mean(losses):.3f}, dev mse {mse:.3f}, dev pearson {pearson:.3f}")
