"""Repeated random hold-out on IMDB reviews: TF-IDF -> truncated SVD -> torch classifier.

The vectoriser and the SVD are refitted on the training part of every repetition.
"""
import gzip
import os
from itertools import islice
from statistics import mean, stdev

import numpy as np
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from torch.utils.data import DataLoader, TensorDataset

SEED = 20
N_REPEATS = 3


def load(step=10):
    path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb", "train.tsv.gz")
    docs, y = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        next(f)
        for line in islice(f, 0, None, step):
            label, _rating, _id, text = line.rstrip("\n").split("\t", 3)
            docs.append(" ".join(text.replace("<br />", " ").split()[-130:]))
            y.append(float(label))
    return np.array(docs, dtype=object), np.array(y, dtype=np.float32)


def fit(x, y, seed):
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(x.shape[1], affine=False),
                                torch.nn.Dropout(0.1),
                                torch.nn.Linear(x.shape[1], 1))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3, nesterov=True)
    loader = DataLoader(TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=64, shuffle=True, drop_last=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 4 * len(loader))
    for epoch in range(4):
        model.train()
        running = []
        for xb, yb in loader:
            optimiser.zero_grad(set_to_none=True)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimiser.step()
            schedule.step()
            running.append(loss.item())
        print(f"    epoch {epoch + 1}  bce {mean(running):.4f}")
    return model.eval()


@torch.inference_mode()
def accuracy(model, x, y):
    return ((model(torch.from_numpy(x)).squeeze(1) > 0).numpy() == (y > 0.5)).mean()


docs, y = load()
print(f"{len(docs)} reviews, {y.mean():.2f} positive")
scores = []
for rep, (tr, te) in enumerate(StratifiedShuffleSplit(N_REPEATS, test_size=0.25, random_state=SEED).split(docs, y)):
    lsa = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=5, max_df=0.5, max_features=2500),
                        TruncatedSVD(60, n_iter=1, random_state=rep))
    xtr = lsa.fit_transform(docs[tr]).astype(np.float32)
    xte = lsa.transform(docs[te]).astype(np.float32)
    print(f"  repetition {rep}")
    model = fit(xtr, y[tr], SEED + rep)
    scores.append(accuracy(model, xte, y[te]))
    print(f"    train {accuracy(model, xtr, y[tr]):.3f}  held out {scores[-1]:.3f}")
print(f"held-out accuracy over {N_REPEATS} repetitions: {mean(scores):.3f} (sd {stdev(scores):.3f})")
