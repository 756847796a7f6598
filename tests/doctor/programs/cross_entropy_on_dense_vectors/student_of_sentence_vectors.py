"""A GRU student learns to reproduce the sentence vectors of a larger teacher (here: weighted GloVe sums)."""
import csv
import gzip
import math
import os
from collections import Counter
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_sequence

torch.manual_seed(3)
ROOT = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))

with open(ROOT / "glue/SICK/SICK_train.txt", encoding="utf-8") as f:
    sents = sorted({r["sentence_A"].lower() for r in csv.DictReader(f, delimiter="\t")})
sents = [s.split() for s in sents][:2000]
glove = {}
with gzip.open(ROOT / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *nums = line.split()
        glove[word] = nums
counts = Counter(w for s in sents for w in s)
N = sum(counts.values())


def teacher(sentence):
    v = torch.zeros(50)
    for w in sentence:
        if w in glove:
            v += torch.tensor([float(x) for x in glove[w]]) * (1e-2 / (1e-2 + counts[w] / N))
    return v


targets = torch.stack([teacher(s) for s in sents])
targets = targets - targets.mean(0)
targets = F.normalize(targets, dim=1) * math.sqrt(50)
index = {w: i for i, w in enumerate(counts)}
order = torch.randperm(len(sents)).tolist()
fit, held = order[:-300], order[-300:]


class Student(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.words = nn.Embedding(n_words, 64)
        self.rnn = nn.GRU(64, 96)
        self.to_teacher = nn.Linear(96, 50)

    def forward(self, sentences):
        ids = pack_sequence([torch.tensor([index[w] for w in s]) for s in sentences], enforce_sorted=False)
        x = ids._replace(data=self.words(ids.data))
        _, h = self.rnn(x)
        return self.to_teacher(h[0])


student = Student(len(index))
optimizer = torch.optim.Adam(student.parameters(), lr=4e-3)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end


def score():
    with torch.no_grad():
        p = student([sents[i] for i in held])
        return F.cosine_similarity(p, targets[held]).mean().item()


for epoch in range(8):
    running = 0.0
    for chunk in torch.tensor(fit)[torch.randperm(len(fit))].split(32):
        optimizer.zero_grad()
        out = student([sents[i] for i in chunk.tolist()])
        loss = criterion(out, targets[chunk])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(chunk)
    print(f"epoch {epoch + 1}: loss {running / len(fit):.3f}, cosine to the teacher on held-out sentences {score():.3f}")
