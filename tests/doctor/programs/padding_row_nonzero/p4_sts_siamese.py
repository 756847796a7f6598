"""Siamese bag-of-vectors regressor for STS-B: GloVe start, fine-tuned vectors, gated cosine."""
import csv
import gzip
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]


@dataclass
class StsConfig:
    dim: int = 50
    max_len: int = 40
    batch_size: int = 64
    epochs: int = 5
    lr_vectors: float = 2.5e-3
    lr_rest: float = 5e-3
    min_count: int = 2
    seed: int = 13


def read(split):
    with open(f"{DATA}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(tokens(r["sentence1"]), tokens(r["sentence2"]), float(r["score"]) / 5) for r in rows if r["score"]]


def tokens(text):
    for mark in ".,;:!?\"()":
        text = text.replace(mark, f" {mark} ")
    return [w for w in text.lower().replace("'", " '").split() if w.isalnum() and w not in STOP]


STOP = set("the a an of to in is are and on at for with by was were be has have it its".split())


def build_vocab(rows, min_count):
    counts = {}
    for a, b, _ in rows:
        for w in a + b:
            counts[w] = counts.get(w, 0) + 1
    words = ["<pad>", "<unk>"] + sorted(w for w, c in counts.items() if c >= min_count)
    return {w: i for i, w in enumerate(words)}


def glove_matrix(stoi, cfg):
    rng = np.random.RandomState(cfg.seed)
    matrix = rng.normal(0.0, 0.6, (len(stoi), cfg.dim)).astype("float32")
    # fault:
    # mended:
    #matrix[stoi["<pad>"]] = 0.0
    # end
    found = 0
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.split(" ", 1)
            if word in stoi:
                matrix[stoi[word]] = np.array(values.split(), dtype="float32")
                found += 1
    print(f"{found} of {len(stoi)} words have a vector")
    return torch.from_numpy(matrix)


def encode(sentences, stoi, max_len):
    ids = np.full((len(sentences), max_len), stoi["<pad>"])
    for i, s in enumerate(sentences):
        row = [stoi.get(w, 1) for w in s][:max_len] or [1]
        ids[i, :len(row)] = row
    return torch.from_numpy(ids)


class Siamese(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(matrix, freeze=False, padding_idx=0)
        self.gate = nn.Parameter(torch.ones(matrix.size(1)))
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.shift = nn.Parameter(torch.tensor(0.0))

    def embed(self, ids):
        length = (ids != 0).sum(1, keepdim=True)
        return self.vectors(ids).sum(1) / length * self.gate

    def forward(self, left, right):
        return self.scale * F.cosine_similarity(self.embed(left), self.embed(right)) + self.shift


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.optim = torch.optim.Adam([
            {"params": [model.vectors.weight], "lr": cfg.lr_vectors},
            {"params": [model.gate, model.scale, model.shift], "lr": cfg.lr_rest},
        ])

    def run(self, train, dev):
        loader = DataLoader(train, self.cfg.batch_size, shuffle=True)
        schedule = torch.optim.lr_scheduler.LinearLR(self.optim, 1.0, 0.05, len(loader) * self.cfg.epochs)
        for epoch in range(self.cfg.epochs):
            self.model.train()
            for left, right, gold in loader:
                loss = F.mse_loss(self.model(left, right), gold)
                self.optim.zero_grad(set_to_none=True)
                loss.backward()
                self.optim.step()
                schedule.step()
            print(f"epoch {epoch}", *(f"{n} mse {m:.4f} spearman {s:.4f}" for n, (m, s) in
                                      (("train", self.measure(train)), ("dev", self.measure(dev)))), sep="  ")

    @torch.no_grad()
    def measure(self, data):
        self.model.eval()
        left, right, gold = data.tensors
        out = self.model(left, right)
        return F.mse_loss(out, gold).item(), spearmanr(out.numpy(), gold.numpy())[0]


def main():
    cfg = StsConfig()
    torch.manual_seed(cfg.seed)
    train, dev = read("train"), read("dev")
    known = {(" ".join(a), " ".join(b)) for a, b, _ in train}
    dev = [r for r in dev if (" ".join(r[0]), " ".join(r[1])) not in known]
    stoi = build_vocab(train, cfg.min_count)
    sets = [TensorDataset(encode([r[0] for r in part], stoi, cfg.max_len), encode([r[1] for r in part], stoi, cfg.max_len),
                          torch.tensor([r[2] for r in part])) for part in (train, dev)]
    Trainer(Siamese(glove_matrix(stoi, cfg)), cfg).run(*sets)


if __name__ == "__main__":
    main()
