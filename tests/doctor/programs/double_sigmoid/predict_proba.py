"""SST-2 phrases: positive or negative? Averaged word vectors learned from scratch, with a scikit-like interface."""
import os
import random
from pathlib import Path

import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "SST-2-sentences"


def load(split):
    with open(base / f"stsa.binary.{split}", encoding="utf-8") as f:
        return [(l[2:].split(), int(l[0])) for l in f]


class BagClassifier(nn.Module):
    def __init__(self, epochs=5, lr=6e-3, dim=48):
        super().__init__()
        self.epochs, self.lr, self.dim = epochs, lr, dim

    def build(self, texts):
        counts = {}
        for t in texts:
            for w in set(t):
                counts[w] = counts.get(w, 0) + 1
        self.ids = {w: i for i, w in enumerate(w for w, c in counts.items() if c > 2)}
        self.bag = nn.EmbeddingBag(len(self.ids) + 1, self.dim, mode="mean")
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(self.dim, 1)

    def vectorise(self, texts):
        seqs = [[self.ids.get(w, len(self.ids)) for w in t] for t in texts]
        flat = torch.tensor([i for s in seqs for i in s])
        return flat, torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)

    def predict_proba(self, texts):
        return torch.sigmoid(self.out(self.drop(self.bag(*self.vectorise(texts)))).squeeze(1))

    def fit(self, texts, y, dev):
        self.build(texts)
        y = torch.tensor(y, dtype=torch.float)
        opt = torch.optim.Adam(self.parameters(), lr=self.lr)
        bce = nn.BCELoss()
        for epoch in range(self.epochs):
            self.train()
            for b in torch.randperm(len(texts)).split(64):
                p = self.predict_proba([texts[i] for i in b.tolist()])
                # fault:
                loss = bce(torch.sigmoid(p), y[b])
                # mended:
                # loss = bce(p, y[b])
                # end
                opt.zero_grad()
                loss.backward()
                opt.step()
            self.eval()
            with torch.no_grad():
                p = self.predict_proba(dev[0])
                acc = ((p > 0.5).long() == torch.tensor(dev[1])).float().mean().item()
            print(f"epoch {epoch} batch loss {loss.item():.4f} dev accuracy {acc:.4f} share called positive {(p > 0.5).float().mean():.3f}")


train, dev = load("train"), load("dev")
BagClassifier().fit([t for t, _ in train], [y for _, y in train], ([t for t, _ in dev], [y for _, y in dev]))
