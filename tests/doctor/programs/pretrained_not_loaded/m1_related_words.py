"""Do these two words belong together? Learning human relatedness judgements.

MEN has 3000 word pairs with a score from crowd workers (0 = unrelated, 50 = very related).
We fit a small network on top of fixed GloVe vectors and look at Spearman's rho on pairs it has not seen.
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import spearmanr
from torch.utils.data import DataLoader, TensorDataset

SEED = 30
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

ROOT = os.environ["WORDFIT_DATA"]


def load_pairs(path):
    pairs = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            first, second, score = line.split()
            pairs.append((first.lower(), second.lower(), float(score) / 50))
    random.shuffle(pairs)
    return pairs


def load_glove(path, words):
    glove = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.rstrip().split(" ", 1)
            if word in words:
                glove[word] = np.fromstring(values, sep=" ", dtype=np.float32)
    return glove


def to_dataset(pairs, vocab):
    first = torch.tensor([vocab[a] for a, _, _ in pairs])
    second = torch.tensor([vocab[b] for _, b, _ in pairs])
    score = torch.tensor([s for _, _, s in pairs])
    return TensorDataset(first, second, score)


class RelatednessModel(nn.Module):
    def __init__(self, weights, hidden=32, dropout=0.3):
        super().__init__()
        num_words, dim = weights.shape
        # fault:
        self.embedding = nn.Embedding(num_words, dim)
        self.embedding.from_pretrained(weights, freeze=True)
        # mended:
        #self.embedding = nn.Embedding(num_words, dim)
        #self.embedding = self.embedding.from_pretrained(weights, freeze=True)
        # end
        self.norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.head = nn.Sequential(nn.Linear(2 * dim, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1))

    def forward(self, first, second):
        a = self.norm(self.embedding(first))
        b = self.norm(self.embedding(second))
        features = torch.cat([a * b, (a - b).abs()], dim=-1)
        return torch.sigmoid(self.head(features)).squeeze(-1)


def train(model, loader, optimizer, loss_fn):
    model.train()
    total = 0.0
    for first, second, score in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(first, second), score)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(score)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, loss_fn):
    model.eval()
    predictions, scores = [], []
    for first, second, score in loader:
        predictions.append(model(first, second))
        scores.append(score)
    predictions, scores = torch.cat(predictions), torch.cat(scores)
    return loss_fn(predictions, scores).item(), spearmanr(predictions, scores)[0]


def main():
    pairs = load_pairs(os.path.join(ROOT, "wordsim", "EN-MEN-TR-3k.txt"))
    words = sorted({w for a, b, _ in pairs for w in (a, b)})
    glove = load_glove(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"), set(words))
    pairs = [p for p in pairs if p[0] in glove and p[1] in glove]
    vocab = {w: i for i, w in enumerate(glove)}
    weights = torch.from_numpy(np.stack([glove[w] for w in vocab]))
    cut = int(0.8 * len(pairs))
    print(f"{len(pairs)} pairs of {len(vocab)} words, {cut} for training")

    train_loader = DataLoader(to_dataset(pairs[:cut], vocab), batch_size=32, shuffle=True)
    test_loader = DataLoader(to_dataset(pairs[cut:], vocab), batch_size=256)
    model = RelatednessModel(weights)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3, weight_decay=0.02)
    loss_fn = nn.MSELoss()
    for epoch in range(1, 13):
        train_loss = train(model, train_loader, optimizer, loss_fn)
        if epoch % 2 == 0:
            test_loss, rho = evaluate(model, test_loader, loss_fn)
            _, train_rho = evaluate(model, train_loader, loss_fn)
            print(f"epoch {epoch:2d} | train mse {train_loss:.4f} rho {train_rho:.3f} | test mse {test_loss:.4f} rho {rho:.3f}")


if __name__ == "__main__":
    main()
