"""
Probing frozen GloVe: how much of a word's frequency can be read off its vector?

The published file is sorted by corpus frequency, so the line number is the rank. A small MLP
regresses log(rank) on the vector. Most words are for training, the others are only tested on, so
what is measured is the geometry of the space. The vectors have to stay as they are.
"""
import gzip
import math
import os
import random
import sys

import torch
import torch.nn as nn

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(1)
random.seed(1)
N_WORDS = 6000


def load_vectors():
    words, rows = [], []
    with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
        for line in f:
            p = line.split()
            words.append(p[0])
            rows.append([float(v) for v in p[1:]])
            if len(words) == N_WORDS:
                break
    return words, torch.tensor(rows)


class RankProbe(nn.Module):
    def __init__(self, weights, hidden=32):
        super().__init__()
        self.embeddings = nn.Embedding(*weights.shape)
        self.embeddings.weight.data.copy_(weights)
        # keep the pretrained vectors fixed
        # fault:
        self.embeddings.requires_grad = False
        # mended:
        # self.embeddings.weight.requires_grad = False
        # end
        self.mlp = nn.Sequential(nn.Linear(weights.size(1), hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, word_ids):
        return self.mlp(self.embeddings(word_ids)).squeeze(-1)


def main():
    words, W = load_vectors()
    y = torch.tensor([math.log(i + 10) for i in range(len(words))])
    y = (y - y.mean()) / y.std()
    ids = torch.randperm(len(words))
    tr, te = ids[:4800], ids[4800:]

    probe = RankProbe(W)
    start = probe.embeddings.weight.detach().clone()
    optimizer = torch.optim.Adam(probe.parameters(), lr=0.01)
    decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.75)
    for epoch in range(8):
        probe.train()
        for batch in tr[torch.randperm(len(tr))].split(64):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(probe(batch), y[batch])
            loss.backward()
            optimizer.step()
        decay.step()
        probe.eval()
        with torch.no_grad():
            mse = [nn.functional.mse_loss(probe(s), y[s]).item() for s in (tr, te)]
            r2 = 1 - mse[1] / y[te].var().item()
            moved = (probe.embeddings.weight - start).norm(dim=1).mean().item()
        print(f"epoch {epoch + 1} train mse {mse[0]:.3f} unseen mse {mse[1]:.3f} unseen R2 {r2:.3f} shift {moved:.3f}")
    with torch.no_grad():
        for i in te[:6].tolist():
            print(f"  {words[i]:>15s} true {y[i].item():+.2f} guess {probe(torch.tensor([i])).item():+.2f}")


if __name__ == "__main__":
    sys.exit(main())
