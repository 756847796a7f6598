"""Do two captions belong together?  Sentence pair baseline on SICK with fixed GloVe vectors."""
import csv
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import spearmanr

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(2)
rng = np.random.default_rng(2)


def load_glove(path):
    vec = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            vec[w] = np.fromstring(rest, dtype=np.float32, sep=" ")
    return vec


def load_sick(path, limit):
    rows = []
    with open(path, encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            a, b = (re.findall(r"\w+", r[k].lower()) for k in ("sentence_A", "sentence_B"))
            rows.append((a, b, (float(r["relatedness_score"]) - 1) / 4))
    rng.shuffle(rows)
    return rows[:limit]


class Vocabulary:
    def __init__(self, rows):
        self.ids = {"<pad>": 0}
        for a, b, _ in rows:
            for w in a + b:
                self.ids.setdefault(w, len(self.ids))

    def matrix(self, vec, dim):
        m = np.zeros((len(self.ids), dim), dtype=np.float32)
        for w, i in self.ids.items():
            if w in vec:
                m[i] = vec[w]
        return torch.from_numpy(m)

    def encode(self, sents):
        n = max(map(len, sents))
        return torch.tensor([[self.ids[w] for w in s] + [0] * (n - len(s)) for s in sents])


class PairModel(nn.Module):
    """mean vectors u, v -> |u - v|, u * v -> relatedness in 0..1"""

    def __init__(self, matrix, hidden=24):
        super().__init__()
        n, dim = matrix.shape
        self.embedding = nn.Embedding(n, dim, padding_idx=0)
        self.embedding.weight.data.copy_(matrix)
        self.embedding.weight.requires_grad = False
        self.project = nn.Linear(dim, hidden)
        self.score = nn.Linear(2 * hidden, 1)
        # fault:
        self.apply(self.init_weights)
        # mended:
        #self.project.apply(self.init_weights)
        #self.score.apply(self.init_weights)
        # end

    @staticmethod
    def init_weights(module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
            with torch.no_grad():
                module.weight[0].zero_()

    def sentence(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        return self.project((self.embedding(x) * keep).sum(1) / keep.sum(1).clamp(min=1))

    def forward(self, a, b):
        u, v = self.sentence(a), self.sentence(b)
        return torch.sigmoid(self.score(torch.cat([(u - v).abs(), u * v], dim=1))).squeeze(1)


def to_batch(vocab, rows):
    return vocab.encode([r[0] for r in rows]), vocab.encode([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


def main():
    glove = load_glove(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz")
    train = load_sick(f"{DATA}/glue/SICK/SICK_train.txt", 2600)
    dev = load_sick(f"{DATA}/glue/SICK/SICK_trial.txt", 500)
    seen = {(tuple(a), tuple(b)) for a, b, _ in train}
    dev = [r for r in dev if (tuple(r[0]), tuple(r[1])) not in seen]
    vocab = Vocabulary(train + dev)
    model = PairModel(vocab.matrix(glove, 50))
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=3e-3, weight_decay=1e-3)
    mse = nn.MSELoss()
    a, b, y = to_batch(vocab, train)
    da, db, dy = to_batch(vocab, dev)
    for epoch in range(1, 10):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(y)).split(32):
            loss = mse(model(a[idx], b[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        model.eval()
        with torch.no_grad():
            out = model(da, db)
        if epoch % 3 == 0:
            print(f"epoch {epoch:2d} train mse {total / len(y):.4f} dev mse {mse(out, dy).item():.4f} "
                  f"spearman {spearmanr(out.numpy(), dy.numpy())[0]:.3f}")
    print(f"variance of dev scores {dy.var().item():.4f}")
    print(f"dev spearman {spearmanr(out.numpy(), dy.numpy())[0]:.3f}")


if __name__ == "__main__":
    main()
