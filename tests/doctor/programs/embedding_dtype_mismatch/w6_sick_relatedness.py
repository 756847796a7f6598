"""SICK relatedness: two sentences -> score in 1..5. Siamese mean-of-vectors encoder, Pearson/Spearman as metric."""
import csv
import gzip
import os
import re
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from torch import nn, optim

ROOT = os.environ["WORDFIT_DATA"]


@dataclass
class Args:
    glove: str = f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz"
    train: str = f"{ROOT}/glue/SICK/SICK_train.txt"
    dev: str = f"{ROOT}/glue/SICK/SICK_trial.txt"
    bs: int = 50
    epochs: int = 7
    lr: float = 3e-3
    seed: int = 3


args = Args()
torch.manual_seed(args.seed)
np.random.seed(args.seed)


def glove(path):
    idx, mat = {"<pad>": 0, "<oov>": 1}, [[0.0] * 50, [0.0] * 50]
    for line in gzip.open(path, "rt", encoding="utf-8"):
        tok = line.split()
        idx[tok[0]] = len(idx)
        mat.append([float(v) for v in tok[1:]])
    # fault:
    return idx, np.array(mat)
    # mended:
    # return idx, np.array(mat, dtype=np.float32)
    # end


class Pairs(torch.utils.data.Dataset):
    def __init__(self, path, idx):
        self.items = []
        with open(path, encoding="utf-8") as f:
            for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                ids = [[idx.get(w, 1) for w in re.findall(r"\w+", r[k].lower())] for k in ("sentence_A", "sentence_B")]
                self.items.append((ids[0], ids[1], float(r["relatedness_score"])))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    @staticmethod
    def collate(rows):
        def pad(seqs):
            m = max(map(len, seqs))
            return torch.tensor([s + [0] * (m - len(s)) for s in seqs])
        a, b, y = zip(*rows)
        return {"a": pad(a), "b": pad(b), "score": torch.tensor(y)}


class Siamese(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.project = nn.Linear(weights.shape[1], 64)
        self.head = nn.Sequential(nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 1))

    def encode(self, x):
        mask = (x > 0).unsqueeze(-1)
        h = torch.tanh(self.project(self.words(x)))
        return (h * mask).sum(1) / mask.sum(1)

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.head(torch.cat([(u - v).abs(), u * v], dim=-1)).squeeze(-1)


def main():
    idx, weights = glove(args.glove)
    train, dev = Pairs(args.train, idx), Pairs(args.dev, idx)
    tl = torch.utils.data.DataLoader(train, args.bs, shuffle=True, collate_fn=Pairs.collate)
    dl = torch.utils.data.DataLoader(dev, 250, collate_fn=Pairs.collate)
    model = Siamese(weights)
    with torch.no_grad():
        model.head[-1].bias.fill_(float(np.mean([t[2] for t in train.items])))
    opt = optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr)
    mse = nn.MSELoss()
    for ep in range(args.epochs):
        model.train()
        s = 0.0
        for b in tl:
            opt.zero_grad()
            loss = mse(model(b["a"], b["b"]), b["score"])
            loss.backward()
            opt.step()
            s += loss.item() * len(b["score"])
        model.eval()
        with torch.no_grad():
            p, g = zip(*[(model(b["a"], b["b"]), b["score"]) for b in dl])
        p, g = torch.cat(p), torch.cat(g)
        print(f"[{ep + 1}/{args.epochs}] train mse {s / len(train):.3f}  dev mse {mse(p, g).item():.3f}  "
              f"pearson {pearsonr(p, g)[0]:.3f}  spearman {spearmanr(p, g)[0]:.3f}")


if __name__ == "__main__":
    main()
