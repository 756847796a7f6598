#!/usr/bin/env python
"""Learn a diagonal metric over word vectors from human relatedness ratings (MEN)."""
import argparse
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import spearmanr


def load_vectors(path, wanted):
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            if word in wanted:
                found[word] = np.array(rest.split(), dtype=np.float32)
    return found


class Vocabulary:
    def __init__(self, words):
        self.itos = ["<pad>", "<unk>"] + list(words)
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def __getitem__(self, w):
        return self.stoi.get(w, 1)


def build_matrix(vocab, vectors):
    dim = len(next(iter(vectors.values())))
    matrix = np.zeros((len(vocab), dim), dtype=np.float32)
    # fault:
    for row, word in enumerate(vectors):
        matrix[row] = vectors[word]
    # mended:
    #for word in vectors:
    #    matrix[vocab[word]] = vectors[word]
    # end
    return torch.from_numpy(matrix)


class Metric(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.weight = nn.Parameter(torch.zeros(matrix.size(1)))
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.shift = nn.Parameter(torch.tensor(-1.0))

    def forward(self, pair):
        u, v = (self.lookup(pair) * self.weight.exp()).unbind(1)
        sim = nn.functional.cosine_similarity(u, v, dim=-1, eps=1e-6)
        return torch.sigmoid(self.scale * sim + self.shift)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default=os.environ["WORDFIT_DATA"])
    ap.add_argument("--lr", type=float, default=1e-2)
    ap.add_argument("--epochs", type=int, default=9)
    ap.add_argument("--seed", type=int, default=3)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)

    triples = []
    men = next(Path(args.data, "wordsim").glob("EN-MEN*.txt"))
    for line in men.read_text(encoding="utf-8").splitlines():
        a, b, s = line.split()
        triples.append((a.lower(), b.lower(), float(s)))
    wanted = sorted({w for t in triples for w in t[:2]})
    vectors = load_vectors(f"{args.data}/vectors/glove.6B.50d.top10361.txt.gz", set(wanted))
    triples = [t for t in triples if t[0] in vectors and t[1] in vectors]
    vocab = Vocabulary(w for w in wanted if w in vectors)

    top = max(t[2] for t in triples)
    pairs = torch.tensor([[vocab[a], vocab[b]] for a, b, _ in triples])
    gold = torch.tensor([s / top for *_, s in triples])
    order = torch.from_numpy(rng.permutation(len(triples)))
    dev, train = order[:400], order[400:]
    print(f"{len(triples)} pairs over {len(vocab)} words")

    model = Metric(build_matrix(vocab, vectors))
    opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr, weight_decay=1e-3)

    def rho(ix):
        model.eval()
        with torch.no_grad():
            pred = model(pairs[ix])
        return spearmanr(pred.numpy(), gold[ix].numpy())[0], nn.functional.mse_loss(pred, gold[ix]).item()

    for epoch in range(1, args.epochs + 1):
        model.train()
        for ix in train[torch.randperm(len(train))].split(64):
            opt.zero_grad()
            loss = nn.functional.mse_loss(model(pairs[ix]), gold[ix])
            loss.backward()
            opt.step()
        if epoch % 3 == 0:
            print("epoch %d  train rho %.3f mse %.4f | dev rho %.3f mse %.4f" % (epoch, *rho(train), *rho(dev)))


if __name__ == "__main__":
    main()
