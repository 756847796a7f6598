#!/usr/bin/env python
"""Promoter or background? DNA as overlapping 4-mers, k-mer vectors from word2vec on unlabelled genome, tuned on the labels."""
import random

import numpy as np
import torch
import torch.nn as nn
from gensim.models import Word2Vec
from torch.utils.data import DataLoader, TensorDataset

SEED, K, LENGTH, WIDTH = 13, 4, 60, 12
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
MOTIFS = ["TATAAT", "TTGACA", "GGCCAATC", "CACGTG"]


def kmers(seq):
    return [seq[i:i + K] for i in range(len(seq) - K + 1)]


def random_dna(n):
    return "".join(random.choices("ACGT", weights=[3, 2, 2, 3], k=n))


def promoter():
    seq = random_dna(LENGTH)
    for m in random.sample(MOTIFS, 3):
        m = "".join(random.choice("ACGT") if random.random() < 0.03 else b for b in m)
        at = random.randrange(LENGTH - len(m))
        seq = seq[:at] + m + seq[at + len(m):]
    return seq


def pretrain():
    sentences = [kmers(random_dna(300)) for _ in range(60)]
    w2v = Word2Vec(sentences, vector_size=WIDTH, window=3, min_count=1, sg=1, epochs=6, workers=1, seed=SEED)
    return w2v.wv


class PromoterNet(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # start from the genome vectors and tune them to the task
        # fault:
        self.kmer = nn.Embedding.from_pretrained(vectors)
        # mended:
        #self.kmer = nn.Embedding.from_pretrained(vectors, freeze=False)
        # end
        self.hidden = nn.Linear(WIDTH, 16)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(self.kmer(x).mean(1))))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
    return (logits.argmax(1) == y).float().mean().item(), nn.functional.cross_entropy(logits, y).item()


def main():
    wv = pretrain()
    index = wv.key_to_index
    vectors = torch.tensor(wv.vectors)
    seqs = [(promoter(), 1) if i % 2 else (random_dna(LENGTH), 0) for i in range(4000)]
    assert len({s for s, _ in seqs}) == len(seqs)
    X = torch.tensor([[index[k] for k in kmers(s)] for s, _ in seqs])
    Y = torch.tensor([y for _, y in seqs])
    n = 3200
    loader = DataLoader(TensorDataset(X[:n], Y[:n]), batch_size=80, shuffle=True)
    model = PromoterNet(vectors)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=4e-3)
    for epoch in range(1, 9):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
        (tr, trl), (va, val) = accuracy(model, X[:n], Y[:n]), accuracy(model, X[n:], Y[n:])
        print(f"epoch {epoch:2d} | train acc {tr:.3f} loss {trl:.3f} | valid acc {va:.3f} loss {val:.3f}")


if __name__ == "__main__":
    main()
