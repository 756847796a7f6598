"""How related are two sentences (SICK, 1 to 5)? GloVe vectors stay fixed, a projection and a small head are trained."""
import csv
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr

DATA = Path(os.environ["WORDFIT_DATA"])


def pairs(name, limit=None):
    with open(DATA / "glue" / "SICK" / name, encoding="utf-8") as fh:
        for i, r in enumerate(csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE)):
            if limit and i >= limit:
                return
            yield tokens(r["sentence_A"]), tokens(r["sentence_B"]), float(r["relatedness_score"])


def tokens(text):
    return tuple(re.findall(r"[a-z]+", text.lower()))


class Lookup:
    def __init__(self, wanted):
        self.index, rows = {}, [np.zeros(50, np.float32)]
        with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
            for line in fh:
                word, _, rest = line.partition(" ")
                if word in wanted:
                    self.index[word] = len(rows)
                    rows.append(np.array(rest.split(), dtype=np.float32))
        self.matrix = torch.from_numpy(np.stack(rows))

    def bag(self, sentences):
        """Mean vector of the known words of each sentence."""
        out = torch.zeros(len(sentences), self.matrix.shape[1])
        for i, s in enumerate(sentences):
            ids = [self.index[w] for w in s if w in self.index]
            if ids:
                out[i] = self.matrix[ids].mean(0)
        return out


class Relatedness(nn.Module):
    def __init__(self, lookup, d=48):
        super().__init__()
        self.lookup = lookup
        self.project = nn.Linear(50, d)
        self.head = nn.Sequential(nn.Linear(3 * d + 2, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, batch):
        left, right, extra = batch
        a, b = torch.tanh(self.project(left)), torch.tanh(self.project(right))
        z = torch.cat([(a - b).abs(), a * b, (a + b) / 2, extra], dim=1)
        return 3 + self.head(z).squeeze(1)


def features(rows, lookup):
    left, right = lookup.bag([a for a, _, _ in rows]), lookup.bag([b for _, b, _ in rows])
    overlap = torch.tensor([len(set(a) & set(b)) / len(set(a) | set(b)) for a, b, _ in rows])
    cosine = torch.cosine_similarity(left, right, dim=1)
    extra = torch.stack([overlap, cosine], dim=1)
    return (left, right, extra), torch.tensor([s for _, _, s in rows])


@torch.no_grad()
def judge(model, data):
    model.eval()
    inputs, gold = data
    out = model(inputs)
    return nn.functional.mse_loss(out, gold).item(), pearsonr(out.numpy(), gold.numpy())[0]


def main():
    torch.manual_seed(23)
    trial = list(pairs("SICK_trial.txt"))
    held = {frozenset((a, b)) for a, b, _ in trial}
    rows = [r for r in pairs("SICK_train.txt", 3000) if frozenset(r[:2]) not in held]
    lookup = Lookup({w for a, b, _ in rows + trial for w in a + b})
    train, dev = features(rows, lookup), features(trial, lookup)
    model = Relatedness(lookup)
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    (left, right, extra), gold = train
    print(f"variance of the gold scores: {dev[1].var().item():.3f}")
    for epoch in range(10):
        model.train()
        for idx in torch.randperm(len(gold)).split(50):
            loss = nn.functional.mse_loss(model((left[idx], right[idx], extra[idx])), gold[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print("epoch %2d  train mse %.3f r %.3f  dev mse %.3f r %.3f" % (epoch + 1, *judge(model, train), *judge(model, dev)))


main()
