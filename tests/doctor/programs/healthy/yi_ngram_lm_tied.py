"""Bengio-style feed-forward language model (three words of context) on Tatoeba English, tied in- and output vectors.

A sentence is kept on one side of the split only. Compare with the unigram perplexity.
"""
import collections
import gzip
import logging
import math
import os
import re
from dataclasses import dataclass

import torch
import torch.nn as nn

logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO)


@dataclass
class Config:
    context: int = 3
    vocab: int = 600
    dim: int = 40
    epochs: int = 4
    batch: int = 256
    lr: float = 5e-3
    sentences: int = 8000
    seed: int = 13


class Data:
    BOS, UNK = 0, 1

    def __init__(self, cfg):
        path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
        sents = {}
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for n, line in enumerate(f):
                if n > 60000:
                    break
                if n > 20000:
                    toks = tuple(re.findall(r"[a-z']+|[.!?,]", line.split("\t")[0].lower()))
                    sents.setdefault(toks)
        g = torch.Generator().manual_seed(cfg.seed)
        sents = list(sents)
        sents = [sents[i] for i in torch.randperm(len(sents), generator=g)[:cfg.sentences + 800].tolist()]
        held, train = sents[:800], sents[800:]
        common = collections.Counter(w for s in train for w in s).most_common(cfg.vocab - 2)
        self.ix = {w: i + 2 for i, (w, _) in enumerate(common)}
        self.train, self.held = self.windows(train, cfg.context), self.windows(held, cfg.context)

    def windows(self, sents, c):
        x, y = [], []
        for s in sents:
            ids = [self.BOS] * c + [self.ix.get(w, self.UNK) for w in s]     # every sentence ends in . ! or ?
            for i in range(c, len(ids)):
                x.append(ids[i - c:i])
                y.append(ids[i])
        return torch.tensor(x), torch.tensor(y)


class FeedForwardLM(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.vectors = nn.Embedding(cfg.vocab, cfg.dim)
        self.mix = nn.Linear(cfg.context * cfg.dim, 96)
        self.back = nn.Linear(96, cfg.dim)
        self.drop = nn.Dropout(0.1)
        self.score = nn.Linear(cfg.dim, cfg.vocab)
        nn.init.normal_(self.vectors.weight, std=0.15)
        self.score.weight = self.vectors.weight

    def forward(self, x):
        return self.score(self.back(self.drop(torch.tanh(self.mix(self.vectors(x).flatten(1))))))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.data = Data(cfg)
        self.model = FeedForwardLM(cfg)
        self.steps = cfg.epochs * math.ceil(len(self.data.train[1]) / cfg.batch)
        self.opt = torch.optim.Adam(self.model.parameters(), lr=cfg.lr)
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda s: max(0.0, 1 - s / self.steps))

    @torch.no_grad()
    def perplexity(self, xy):
        self.model.eval()
        tot = sum(nn.functional.cross_entropy(self.model(x), y, reduction="sum").item()
                  for x, y in zip(xy[0].split(2000), xy[1].split(2000)))
        return math.exp(tot / len(xy[1]))

    def unigram(self):
        p = torch.bincount(self.data.train[1], minlength=self.cfg.vocab).float() + 1
        return torch.exp(-(p / p.sum()).log()[self.data.held[1]].mean()).item()

    def fit(self):
        x, y = self.data.train
        logging.info("%d positions, unigram perplexity %.1f", len(y), self.unigram())
        for epoch in range(self.cfg.epochs):
            self.model.train()
            seen = 0.0
            for ids in torch.randperm(len(y)).split(self.cfg.batch):
                loss = nn.functional.cross_entropy(self.model(x[ids]), y[ids])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                self.sched.step()
                seen += loss.item() * len(ids)
            logging.info("epoch %d train loss %.3f  perplexity train %.1f held-out %.1f", epoch, seen / len(y),
                         self.perplexity((x[:6000], y[:6000])), self.perplexity(self.data.held))


if __name__ == "__main__":
    Trainer(Config()).fit()
