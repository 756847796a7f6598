"""MEN word relatedness from fixed GloVe vectors: learn a low-rank metric, score by Spearman on unseen pairs."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr

ROOT = Path(os.environ["WORDFIT_DATA"])


class VectorStore:
    def __init__(self, path):
        self.row, values = {}, []
        with gzip.open(path, "rt", encoding="utf-8") as fh:
            for line in fh:
                word, nums = line.rstrip().split(" ", 1)
                self.row[word] = len(values)
                values.append(np.fromstring(nums, sep=" ", dtype=np.float32))
        v = torch.from_numpy(np.stack(values))
        self.values = (v - v.mean(0)) / v.std(0)

    def __contains__(self, word):
        return word in self.row

    def __getitem__(self, words):
        return self.values[[self.row[w] for w in words]]


class Metric(torch.nn.Module):
    """cosine in a learned space that starts as the given one"""

    def __init__(self, dim):
        super().__init__()
        self.stretch = torch.nn.Parameter(torch.zeros(dim))
        self.turn = torch.nn.Parameter(torch.zeros(dim, dim))
        self.scale = torch.nn.Parameter(torch.tensor(1.0))
        self.offset = torch.nn.Parameter(torch.tensor(0.0))

    def place(self, x):
        x = x * self.stretch.exp()
        x = x + x @ self.turn
        return x * torch.rsqrt(x.pow(2).sum(-1, keepdim=True) + 1e-8)

    def forward(self, a, b):
        return self.scale * (self.place(a) * self.place(b)).sum(-1) + self.offset


def read_pairs(store):
    rows = []
    for line in (ROOT / "wordsim/EN-MEN-TR-3k.txt").read_text(encoding="utf-8").splitlines():
        a, b, score = line.split()
        if a in store and b in store:
            rows.append((a, b, float(score) / 50.0))
    return rows


def tensors(store, rows):
    a, b, y = zip(*rows)
    return store[a], store[b], torch.tensor(y)


@torch.no_grad()
def rho(model, data):
    a, b, y = data
    out = model(a, b)
    return spearmanr(out.numpy(), y.numpy()).statistic, (out - y).pow(2).mean().item()


def main():
    torch.manual_seed(12)
    store = VectorStore(ROOT / "vectors/glove.6B.50d.top10361.txt.gz")
    rows = read_pairs(store)
    order = torch.randperm(len(rows)).tolist()
    cut = int(0.75 * len(rows))
    train = tensors(store, [rows[i] for i in order[:cut]])
    test = tensors(store, [rows[i] for i in order[cut:]])
    model = Metric(50)
    print(f"{cut} / {len(rows) - cut} pairs, before training: rho %.3f mse %.4f" % rho(model, test))
    opt = torch.optim.Adam([
        {"params": [model.stretch, model.scale, model.offset], "lr": 1e-2},
        {"params": [model.turn], "lr": 1e-3, "weight_decay": 1e-2},
    ])
    base = (test[2] - train[2].mean()).pow(2).mean().item()
    for epoch in range(16):
        for idx in torch.randperm(cut).split(32):
            a, b, y = (t[idx] for t in train)
            loss = (model(a, b) - y).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1}: train rho %.3f mse %.4f" % rho(model, train), "| test rho %.3f mse %.4f" % rho(model, test))
    print(f"constant guess has mse {base:.4f}")


if __name__ == "__main__":
    main()
