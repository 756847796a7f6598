"""Weekly job: adapts the shared GloVe space to our departments. The vectors stay frozen (other teams index with them),
only an adapter is trained; what is shipped is the moving average of its weights."""
import copy
import gzip
import logging
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(levelname)s | %(message)s")
CFG = {"hidden": 48, "dropout": 0.2, "lr": 0.004, "ema": 0.97, "epochs": 6, "batch": 64, "smooth": 0.05, "seed": 27,
       "per_source": 800}
ROOT = os.environ["WORDFIT_DATA"]


def read_gz(rel):
    with gzip.open(os.path.join(ROOT, rel), "rt", encoding="utf-8") as fh:
        yield from fh


def glove():
    words, rows = {}, []
    for line in read_gz("vectors/glove.6B.50d.top10361.txt.gz"):
        w, *v = line.split()
        words[w] = len(words)
        rows.append(np.array(v, dtype=np.float32))
    return words, torch.from_numpy(np.stack(rows))


def texts(vocab):
    """Photo captions, newswire and film reviews stand for three kinds of content that the gateway receives."""
    def review_lines():
        with open(os.path.join(ROOT, "sentiment", "SST-5", "stsa.fine.dev"), encoding="utf-8", errors="replace") as fh:
            for line in fh:
                yield line.split(" ", 1)[1]
    for y, src in enumerate([read_gz("seq2seq/multi30k/val.en.gz"), read_gz("corpora/reuters-21578-bodies.txt.gz"), review_lines()]):
        found = {}
        for line in src:
            ids = [vocab[w] for w in re.findall(r"[a-z]+", line.lower()) if w in vocab][:10]
            if len(ids) >= 5:
                found.setdefault(tuple(ids))
            if len(found) == CFG["per_source"]:
                break
        for ids in found:
            yield ids, y


class Gateway(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.vectors = nn.EmbeddingBag.from_pretrained(vectors, mode="mean", freeze=True)
        self.adapter = nn.Sequential(nn.Linear(50, CFG["hidden"]), nn.LayerNorm(CFG["hidden"]), nn.ReLU(),
                                     nn.Dropout(CFG["dropout"]), nn.Linear(CFG["hidden"], 3))

    def forward(self, flat, offsets):
        return self.adapter(self.vectors(flat, offsets))


class Average:
    def __init__(self, model, decay):
        self.shadow = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model):
        for s, p in zip(self.shadow.adapter.parameters(), model.adapter.parameters()):
            s.lerp_(p, 1 - self.decay)


def batch_of(rows):
    lens = [len(ids) for ids, _ in rows]
    return (torch.tensor([i for ids, _ in rows for i in ids]), torch.tensor(np.concatenate([[0], np.cumsum(lens)[:-1]])),
            torch.tensor([y for _, y in rows]))


def accuracy(model, rows):
    model.eval()
    flat, off, y = batch_of(rows)
    with torch.no_grad():
        return (model(flat, off).argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(CFG["seed"])
    rng = np.random.default_rng(CFG["seed"])
    vocab, vectors = glove()
    rows = list(texts(vocab))
    rows = [rows[i] for i in rng.permutation(len(rows))]
    dev, train = rows[:450], rows[450:]
    model = Gateway(vectors)
    average = Average(model, CFG["ema"])
    opt = torch.optim.AdamW(model.adapter.parameters(), lr=CFG["lr"], weight_decay=0.01)
    for epoch in range(CFG["epochs"]):
        model.train()
        order, total = rng.permutation(len(train)), 0.0
        for k in range(0, len(order), CFG["batch"]):
            flat, off, y = batch_of([train[i] for i in order[k:k + CFG["batch"]]])
            loss = F.cross_entropy(model(flat, off), y, label_smoothing=CFG["smooth"])
            opt.zero_grad()
            loss.backward()
            opt.step()
            average.update(model)
            total += loss.item() * len(y)
        logging.info("epoch %d loss %.3f dev now %.3f averaged %.3f (train %.3f)", epoch + 1, total / len(train),
                     accuracy(model, dev), accuracy(average.shadow, dev), accuracy(average.shadow, train))


main()
