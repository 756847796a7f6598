"""Where does a sentence come from: newswire, encyclopedia or movie review?
fastText-like model with hashed words.  v4: faster
"""
import argparse
import gzip
import os
import random
import re
import time
import zlib

import torch
import torch.nn as nn

SOURCES = {
    "newswire": "corpora/reuters-21578-bodies.txt.gz",
    "encyclopedia": "corpora/enwiki-2018-sample.txt.gz",
    "review": "corpora/imdb-unsup-25k.txt.gz",
}


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--per_source", type=int, default=2400)
    p.add_argument("--buckets", type=int, default=6000)
    p.add_argument("--dim", type=int, default=16)
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--bs", type=int, default=100)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--words", type=int, default=40)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def featurize(text, opt):
    toks = re.findall(r"[a-z]+", text.lower())[:opt.words]
    return [zlib.crc32(t.encode()) % opt.buckets for t in toks]


def load(opt):
    rows = []
    for label, (name, rel) in enumerate(SOURCES.items()):
        seen = set()
        with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], rel), "rt", encoding="utf-8") as f:
            for line in f:
                if len(seen) == opt.per_source:
                    break
                key = " ".join(re.findall(r"[a-z]+", line.lower())[:opt.words])
                if key.count(" ") < 9 or key in seen:
                    continue
                seen.add(key)
                rows.append((featurize(key, opt), label))
        print("  %-14s %d texts" % (name, len(seen)))
    random.shuffle(rows)
    return rows


class FastText(nn.Module):
    def __init__(self, opt, n_classes):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag(opt.buckets, opt.dim, mode="mean", sparse=True)
        # mended:
        #self.bag = nn.EmbeddingBag(opt.buckets, opt.dim, mode="mean")
        # end
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(opt.dim, n_classes)

    def forward(self, flat, offsets):
        return self.out(self.drop(self.bag(flat, offsets)))


class Trainer:
    def __init__(self, model, opt):
        self.model, self.opt = model, opt
        self.optim = torch.optim.RMSprop(model.parameters(), lr=opt.lr)
        self.sched = torch.optim.lr_scheduler.LinearLR(self.optim, 1.0, 0.1, total_iters=opt.epochs - 1)
        self.loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)

    def batches(self, rows):
        for i in range(0, len(rows), self.opt.bs):
            flat, offsets, labels = [], [], []
            for feats, y in rows[i:i + self.opt.bs]:
                offsets.append(len(flat))
                flat += feats
                labels.append(y)
            yield torch.tensor(flat), torch.tensor(offsets), torch.tensor(labels)

    def fit(self, train, dev):
        for ep in range(self.opt.epochs):
            t0 = time.time()
            self.model.train()
            random.shuffle(train)
            total = 0.0
            for flat, off, y in self.batches(train):
                self.optim.zero_grad()
                loss = self.loss_fn(self.model(flat, off), y)
                loss.backward()
                self.optim.step()
                total += loss.item() * len(y)
            self.sched.step()
            print("epoch %d loss %.4f train %.4f dev %.4f (%.1fs)" % (
                ep, total / len(train), self.accuracy(train), self.accuracy(dev), time.time() - t0))

    @torch.no_grad()
    def accuracy(self, rows):
        self.model.eval()
        ok = sum((self.model(f, o).argmax(1) == y).sum().item() for f, o, y in self.batches(rows))
        return ok / len(rows)


def main():
    opt = get_args()
    random.seed(opt.seed)
    torch.manual_seed(opt.seed)
    rows = load(opt)
    cut = int(0.85 * len(rows))
    train, dev = rows[:cut], rows[cut:]
    print("train %d dev %d" % (len(train), len(dev)))
    model = FastText(opt, len(SOURCES))
    print("parameters:", sum(p.numel() for p in model.parameters()))
    trainer = Trainer(model, opt)
    trainer.fit(train, dev)
    print("final dev accuracy %.4f" % trainer.accuracy(dev))


if __name__ == "__main__":
    main()
