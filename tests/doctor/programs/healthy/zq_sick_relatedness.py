"""Sentence relatedness on SICK with a siamese bag of GloVe vectors; the gold score 1..5 is regressed."""
import csv
import gzip
import os
import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass
class Config:
    root: str = os.environ["WORDFIT_DATA"]
    glove: str = "vectors/glove.6B.50d.top10361.txt.gz"
    proj: int = 32
    hidden: int = 32
    lr: float = 3e-3
    wd: float = 1e-4
    batch: int = 64
    epochs: int = 6
    seed: int = 42


def load_glove(path):
    words, mat = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            words[parts[0]] = len(mat)
            mat.append(np.array(parts[1:], dtype="float32"))
    return words, torch.from_numpy(np.vstack(mat))


def load_sick(path):
    with open(path, encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield r["sentence_A"], r["sentence_B"], float(r["relatedness_score"])


def sentence_features(texts, words, mat):
    """Mean of the known vectors; they are constants here, so this happens only once."""
    out = torch.zeros(len(texts), mat.size(1))
    for i, t in enumerate(texts):
        ids = [words[w] for w in re.findall(r"\w+", t.lower()) if w in words]
        if ids:
            out[i] = mat[ids].mean(0)
    return out


def pearson(p, y):
    return np.corrcoef(p.numpy(), y.numpy())[0, 1]


class Siamese(nn.Module):
    def __init__(self, dim, cfg):
        super().__init__()
        self.proj = nn.Linear(dim, cfg.proj)
        self.head = nn.Sequential(nn.Linear(2 * cfg.proj + 1, cfg.hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(cfg.hidden, 1))

    def forward(self, a, b):
        u, v = torch.tanh(self.proj(a)), torch.tanh(self.proj(b))
        cos = torch.cosine_similarity(a, b, dim=1, eps=1e-6)
        return self.head(torch.cat([(u - v).abs(), u * v, cos[:, None]], dim=1)).squeeze(-1)


def main(cfg=Config()):
    torch.manual_seed(cfg.seed)
    words, mat = load_glove(os.path.join(cfg.root, cfg.glove))
    sets = {}
    for name in ("train", "trial", "test_annotated"):
        rows = list(load_sick(os.path.join(cfg.root, "glue/SICK", f"SICK_{name}.txt")))
        a = sentence_features([r[0] for r in rows], words, mat)
        b = sentence_features([r[1] for r in rows], words, mat)
        sets[name] = (a, b, torch.tensor([r[2] for r in rows]))
    net = Siamese(mat.size(1), cfg)
    with torch.no_grad():
        net.head[-1].bias.fill_(sets["train"][2].mean().item())
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr, weight_decay=cfg.wd)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=4, gamma=0.3)
    A, B, Y = sets["train"]
    for epoch in range(1, cfg.epochs + 1):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(Y)).split(cfg.batch):
            loss = nn.functional.mse_loss(net(A[idx], B[idx]), Y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        net.eval()
        with torch.no_grad():
            a, b, y = sets["trial"]
            p = net(a, b)
        print(f"[{epoch}] train mse {total / len(Y):.3f} | trial mse {(p - y).square().mean():.3f} r {pearson(p, y):.3f}")
    with torch.no_grad():
        for name in ("train", "test_annotated"):
            a, b, y = sets[name]
            p = net(a, b)
            print(f"{name}: mse {(p - y).square().mean():.3f} pearson {pearson(p, y):.3f}")


if __name__ == "__main__":
    main()
