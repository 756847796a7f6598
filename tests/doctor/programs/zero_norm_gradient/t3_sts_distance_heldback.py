"""
STS-B with a siamese network (Manhattan-LSTM idea, but with euclidean distance and no LSTM).
similarity = exp(-||f(a) - f(b)||)
"""
import argparse
import csv
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr


def get_parser():
    parser = argparse.ArgumentParser(description="siamese STS")
    parser.add_argument("--vectors", default="vectors/glove.6B.50d.top10361.txt.gz")
    parser.add_argument("--out_dim", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=13)
    return parser


STOP = set("a an the is are was of to in on and with for at by from it its . ,".split())


class Vectors:
    def __init__(self, path):
        self.ids = {"<pad>": 0}
        rows = [np.zeros(50, dtype=np.float32)]
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                w, *v = line.rstrip("\n").split(" ")
                self.ids[w] = len(rows)
                rows.append(np.array(v, dtype=np.float32))
        self.matrix = torch.from_numpy(np.stack(rows))

    def encode(self, sentence):
        words = re.findall(r"[a-z]+|\d+", sentence.lower())
        return [self.ids[w] for w in words if w in self.ids and w not in STOP]


def load(name, vec):
    pairs = []
    path = os.path.join(os.environ["WORDFIT_DATA"], "glue/STS-B", name + ".tsv")
    with open(path, encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            a, b = vec.encode(row["sentence1"]), vec.encode(row["sentence2"])
            if a and b:
                pairs.append((a, b, float(row["score"]) / 5.0))
    return pairs


class Siamese(nn.Module):
    def __init__(self, matrix, out_dim):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(matrix, padding_idx=0, freeze=True)  # keep GloVe fixed
        self.proj = nn.Linear(matrix.size(1), out_dim)
        self.scale = nn.Parameter(torch.tensor(0.5))

    def encode(self, x):
        mask = (x != 0).float().unsqueeze(-1)
        mean = (self.embedding(x) * mask).sum(1) / mask.sum(1)
        return self.proj(mean)

    def forward(self, a, b):
        diff = self.encode(a) - self.encode(b)
        # fault:
        distance = torch.sqrt((diff ** 2).sum(dim=1))
        # mended:
        #distance = torch.sqrt((diff ** 2).sum(dim=1) + 1e-6)
        # end
        return torch.exp(-self.scale * distance)


def pad(seqs):
    width = max(len(s) for s in seqs)
    return torch.tensor([s + [0] * (width - len(s)) for s in seqs])


def batches(pairs, size):
    for i in range(0, len(pairs), size):
        a, b, s = zip(*pairs[i:i + size])
        yield pad(a), pad(b), torch.tensor(s)


@torch.no_grad()
def evaluate(model, pairs):
    model.eval()
    pred, gold = [], []
    for a, b, s in batches(pairs, 300):
        pred += model(a, b).tolist()
        gold += s.tolist()
    mse = float(np.mean((np.array(pred) - np.array(gold)) ** 2))
    r = pearsonr(pred, gold)[0] if np.isfinite(pred).all() else float("nan")
    return r, mse


def main():
    args = get_parser().parse_args()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    vec = Vectors(os.path.join(os.environ["WORDFIT_DATA"], args.vectors))
    train, dev = load("train", vec), load("dev", vec)
    known = {(tuple(a), tuple(b)) for a, b, _ in train}
    dev = [p for p in dev if (tuple(p[0]), tuple(p[1])) not in known]
    print("train pairs", len(train), "dev pairs", len(dev), "mean score", np.mean([p[2] for p in train]))
    model = Siamese(vec.matrix, args.out_dim)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr)
    for epoch in range(args.epochs):
        model.train()
        random.shuffle(train)
        running = []
        for a, b, s in batches(train, args.batch_size):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(a, b), s)
            loss.backward()
            optimizer.step()
            running.append(loss.item())
        r, mse = evaluate(model, dev)
        print("Epoch %2d  train mse %.4f  dev mse %.4f  dev pearson %.4f" % (epoch + 1, np.mean(running), mse, r))
    print("mse of a constant: %.4f" % np.var([p[2] for p in dev]))
    print("RESULT pearson train %.4f dev %.4f" % (evaluate(model, train)[0], evaluate(model, dev)[0]))


if __name__ == "__main__":
    main()
