"""SICK entailment (entailment / neutral / contradiction) from sentence pairs with averaged frozen GloVe vectors and a few
alignment features."""
import argparse
import gzip
import logging
import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("sick")
LABELS = {"ENTAILMENT": 0, "NEUTRAL": 1, "CONTRADICTION": 2}
NEG = {"no", "not", "nobody", "n't", "without", "nothing", "isn't", "aren't"}


def load_vectors(path):
    vec = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, *nums = line.split()
            vec[word] = np.asarray(nums, dtype=np.float32)
    return vec


def pair_features(a, b, vec):
    """[mean a - mean b, mean a * mean b, soft alignment both ways, overlap, negation]"""
    A, B = (np.stack([vec.get(w, np.zeros(50, np.float32)) for w in s]) for s in (a, b))
    unit = lambda m: m / np.maximum(np.linalg.norm(m, axis=1, keepdims=True), 1e-6)
    S = unit(A) @ unit(B).T
    for i, w in enumerate(a):
        for j, v in enumerate(b):
            if w == v:
                S[i, j] = 1.0
    m, n = S.max(1), S.max(0)
    na, nb = len(NEG & set(a)), len(NEG & set(b))
    sa, sb = set(a), set(b)
    hand = [m.mean(), m.min(), n.mean(), n.min(), len(sa & sb) / len(sa | sb), len(sa - sb) / 5, len(sb - sa) / 5,
            float(na > 0), float(nb > 0), float((na > 0) != (nb > 0)), (len(a) - len(b)) / 5]
    ua, ub = A.mean(0), B.mean(0)
    return np.concatenate([np.abs(ua - ub) * 3, ua * ub, np.asarray(hand, np.float32)])


def dataset(path, vec, limit=None):
    xs, ys = [], []
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in list(f)[:limit]:
            c = line.rstrip("\n").split("\t")
            a, b = (s.lower().replace("'s", "").split() for s in c[1:3])
            xs.append(pair_features(a, b, vec))
            ys.append(LABELS[c[4].strip()])
    return torch.from_numpy(np.stack(xs).astype(np.float32)), torch.tensor(ys)


class Head(nn.Module):
    def __init__(self, n_in, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.layers = nn.Sequential(nn.Linear(n_in, 24), nn.Tanh(), nn.Dropout(0.3), nn.Linear(24, 3))

    def forward(self, x):
        return self.layers((x - self.mean) / self.std)


def evaluate(model, x, y):
    model.eval()
    with torch.inference_mode():
        p = model(x).argmax(1)
    return (p == y).float().mean().item(), [((p == c) & (y == c)).sum().item() / max(1, (y == c).sum().item()) for c in range(3)]


def main(args):
    torch.manual_seed(args.seed)
    root = os.environ["WORDFIT_DATA"]
    vec = load_vectors(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"))
    xtr, ytr = dataset(os.path.join(root, "glue/SICK/SICK_train.txt"), vec)
    xde, yde = dataset(os.path.join(root, "glue/SICK/SICK_trial.txt"), vec)
    xte, yte = dataset(os.path.join(root, "glue/SICK/SICK_test_annotated.txt"), vec, 1500)
    model = Head(xtr.size(1), xtr.mean(0), xtr.std(0) + 1e-4)
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=args.batch, shuffle=True)
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05)
    warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: max(0.02, 1 - e / args.epochs))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            loss = criterion(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        warm.step()
        log.info("epoch %d loss %.4f trial accuracy %.3f", epoch, total / len(ytr), evaluate(model, xde, yde)[0])
    log.info("train %.3f", evaluate(model, xtr, ytr)[0])
    acc, recalls = evaluate(model, xte, yte)
    log.info("test %.3f  recall per class %s  (majority %.3f)", acc, ["%.2f" % r for r in recalls], (yte == 1).float().mean())


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=4e-3)
    ap.add_argument("--seed", type=int, default=1)
    main(ap.parse_args())
