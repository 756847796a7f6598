"""Building a bridge between two word spaces.

Twitter GloVe (25d) and Wikipedia GloVe (50d) were trained on different worlds. We learn a small network that
reads a word's Twitter vector and answers with its Wikipedia vector, then look the answer up among its neighbours.
"""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(17)
VECTORS = Path(os.environ["WORDFIT_DATA"]) / "vectors"


def load(name, limit):
    table = {}
    with gzip.open(VECTORS / name, "rt", encoding="utf8") as handle:
        for line in handle:
            word, rest = line.split(" ", 1)
            if word.isalpha():
                table[word] = np.array(rest.split(), dtype=np.float32)
            if len(table) == limit:
                break
    return table


tweets = load("glove.twitter.27B.25d.common11925.txt.gz", 9000)
wiki = load("glove.6B.50d.top10361.txt.gz", 7000)
shared = sorted(set(tweets) & set(wiki))
rng = np.random.default_rng(17)
rng.shuffle(shared)

source = torch.from_numpy(np.stack([tweets[w] for w in shared]))
target = F.normalize(torch.from_numpy(np.stack([wiki[w] for w in shared])), dim=-1)
ids = torch.arange(len(shared))
n_train = len(shared) - 600
train_loader = DataLoader(TensorDataset(ids[:n_train], target[:n_train]), batch_size=128, shuffle=True)
print(f"{len(shared)} shared words, {n_train} to learn from")


class Bridge(nn.Module):
    def __init__(self, table, out_dim, hidden=192):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True)
        self.norm = nn.LayerNorm(table.shape[1])
        self.layers = nn.Sequential(
            nn.Linear(table.shape[1], hidden), nn.GELU(), nn.Dropout(0.1), nn.Linear(hidden, out_dim)
        )

    def forward(self, word_ids):
        return self.layers(self.norm(self.table(word_ids)))


def report(model):
    model.eval()
    with torch.no_grad():
        answers = F.normalize(model(ids), dim=-1)
    cosine = (answers * target).sum(-1)
    ranks = (answers[n_train:] @ target.T).argsort(dim=-1, descending=True)[:, :50]
    found = (ranks == ids[n_train:].unsqueeze(1)).any(-1).float().mean().item()
    return cosine[:n_train].mean().item(), cosine[n_train:].mean().item(), found


bridge = Bridge(source, target.shape[1])
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
#criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam(bridge.parameters(), lr=2e-3)
EPOCHS = 15
for epoch in range(1, EPOCHS + 1):
    bridge.train()
    total = 0.0
    for batch, wanted in train_loader:
        loss = criterion(bridge(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    if epoch % 3 == 0:
        a, b, c = report(bridge)
        print(f"epoch {epoch:2d}  loss {total / n_train:9.4f}  cosine train {a:.3f} held out {b:.3f}  in top 50: {c:.3f}")

a, b, c = report(bridge)
mean_answer = F.normalize(target[:n_train].mean(0), dim=0)
print(f"always answering the mean vector: cosine {(target[n_train:] @ mean_answer).mean().item():.3f}")
print(f"bridge on held-out words: cosine {b:.3f}, right word among 50 nearest {c:.3f} (chance {50 / len(shared):.3f})")
