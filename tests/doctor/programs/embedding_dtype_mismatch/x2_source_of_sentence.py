import argparse
import gzip
import logging
import os
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("source-clf")


@dataclass
class Settings:
    data: str = os.environ.get("WORDFIT_DATA", "data")
    per_class: int = 1100
    max_len: int = 25
    hidden: int = 24
    batch_size: int = 64
    epochs: int = 4
    lr: float = 4e-3
    seed: int = 3


def grab(path, n, max_len):
    out = []
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as f:
        for line in f:
            toks = line.lower().replace("<br />", " ").replace(".", " . ").replace(",", " , ").split()
            if len(toks) >= 10:
                out.append(toks[:max_len])
            if len(out) == n:
                return out
    return out


def load_rows(cfg):
    sources = ["imdb-unsup-25k.txt.gz", "reuters-21578-bodies.txt.gz", "enwiki-2018-sample.txt.gz"]
    rows = []
    for y, s in enumerate(sources):
        rows += [(t, y) for t in grab(os.path.join(cfg.data, "corpora", s), cfg.per_class, cfg.max_len)]
    random.Random(cfg.seed).shuffle(rows)
    return rows


def load_vectors(cfg, vocab):
    matrix = np.random.RandomState(0).normal(0, 0.4, size=(len(vocab), 50))
    matrix[0] = 0
    found = 0
    with gzip.open(os.path.join(cfg.data, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip().split(" ", 1)
            if w in vocab:
                matrix[vocab[w]] = np.array(rest.split(), dtype=float)
                found += 1
    log.info("vectors: %d of %d types", found, len(vocab))
    # fault:
    return torch.from_numpy(matrix)
    # mended:
    # return torch.from_numpy(matrix).float()
    # end


class Classifier(nn.Module):
    def __init__(self, weights, hidden, n_classes):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.rnn = nn.GRU(weights.size(1), hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n_classes)

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.fc(h[-1])


def main(cfg):
    torch.manual_seed(cfg.seed)
    rows = load_rows(cfg)
    cut = int(0.8 * len(rows))
    counts = Counter(w for toks, _ in rows[:cut] for w in toks)
    vocab = {"<pad>": 0, "<unk>": 1}
    for w, c in counts.most_common():
        if c >= 3:
            vocab[w] = len(vocab)

    def collate(items):
        xs = [torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in items]
        return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([y for _, y in items])

    train = DataLoader(rows[:cut], batch_size=cfg.batch_size, shuffle=True, collate_fn=collate)
    valid = DataLoader(rows[cut:], batch_size=256, collate_fn=collate)
    model = Classifier(load_vectors(cfg, vocab), cfg.hidden, 3)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=cfg.lr)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(cfg.epochs):
        model.train()
        total = seen = 0
        for x, lens, y in train:
            optimizer.zero_grad()
            loss = loss_fn(model(x, lens), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            total, seen = total + loss.item() * len(y), seen + len(y)
        model.eval()
        with torch.no_grad():
            ok = sum((model(x, l).argmax(1) == y).sum().item() for x, l, y in valid)
        log.info("epoch %d loss %.4f valid acc %.4f", ep + 1, total / seen, ok / len(rows[cut:]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    main(Settings(epochs=parser.parse_args().epochs))
