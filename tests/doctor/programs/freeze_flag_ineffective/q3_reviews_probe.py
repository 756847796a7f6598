"""Probe published Google News vectors on product reviews: the table stays as published, a small head is learned."""
import gzip
import os
import random
from dataclasses import dataclass
from pathlib import Path
import torch
from torch import nn

ROOT = Path(os.environ["WORDFIT_DATA"])


@dataclass
class Options:
    n_train: int = 500
    n_test: int = 900
    rank: int = 8
    batch: int = 25
    epochs: int = 12
    lr: float = 1e-2
    decay: float = 0.3
    seed: int = 2


def reviews(opt):
    rows, seen = [], set()
    for name, y in (("pos", 1.0), ("neg", 0.0)):
        text = (ROOT / "sentiment" / "CR" / f"custrev.{name}").read_text(encoding="latin-1")
        mine = []
        for line in text.splitlines():
            words = tuple(w for w in line.lower().split() if w.isalpha())
            if len(words) > 3 and words not in seen:
                seen.add(words)
                mine.append((words, y))
        rows += mine[:1150]                       # as many praises as complaints
    random.Random(opt.seed).shuffle(rows)
    return rows[: opt.n_train], rows[opt.n_train : opt.n_train + opt.n_test]


class Lexicon:
    def __init__(self, path, wanted):
        self.row, vectors = {}, []
        with gzip.open(path, "rt", encoding="utf-8") as f:
            self.width = int(f.readline().split()[1])
            for line in f:
                word = line[: line.index(" ")]
                if word in wanted:
                    self.row[word] = len(vectors) + 1
                    vectors.append([float(v) for v in line.split()[1:]])
        self.matrix = torch.cat([torch.zeros(1, self.width), torch.tensor(vectors)])

    def pack(self, rows):
        ids = [torch.tensor([self.row[w] for w in ws if w in self.row] or [0]) for ws, _ in rows]
        return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])


class Probe(nn.Module):
    def __init__(self, matrix, rank):
        super().__init__()
        self.vectors = nn.Embedding(*matrix.shape, padding_idx=0)
        with torch.no_grad():
            self.vectors.weight.copy_(matrix)
        # fault:
        self.vectors.weight.requires_grad_ = False       # published vectors stay put
        # mended:
        #self.vectors.weight.requires_grad_(False)       # published vectors stay put
        # end
        self.drop = nn.Dropout(0.3)
        self.low = nn.Linear(matrix.size(1), rank)
        self.out = nn.Linear(rank, 1)

    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True).clamp(min=1)
        doc = self.vectors(ids).sum(1) / n.sqrt()
        return self.out(torch.tanh(self.low(self.drop(doc)))).squeeze(-1)


class Trial:
    def __init__(self, opt):
        torch.manual_seed(opt.seed)
        self.opt = opt
        train, test = reviews(opt)
        lex = Lexicon(ROOT / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz",
                      {w for ws, _ in train + test for w in ws})
        self.train, self.test = lex.pack(train), lex.pack(test)
        self.model = Probe(lex.matrix, opt.rank)
        head = [*self.model.low.parameters(), *self.model.out.parameters()]
        groups = [{"params": head, "weight_decay": opt.decay},
                  {"params": self.model.vectors.parameters(), "weight_decay": 0.0}]
        self.optim = torch.optim.AdamW(groups, lr=opt.lr)
        self.rate = torch.optim.lr_scheduler.ExponentialLR(self.optim, 0.85)
        self.criterion = nn.BCEWithLogitsLoss()

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        z = self.model(x)
        return self.criterion(z, y).item(), ((z > 0).float() == y).float().mean().item()

    def run(self):
        x, y = self.train
        for ep in range(1, self.opt.epochs + 1):
            self.model.train()
            total = 0.0
            for b in torch.randperm(len(y)).split(self.opt.batch):
                loss = self.criterion(self.model(x[b]), y[b])
                self.optim.zero_grad()
                loss.backward()
                self.optim.step()
                total += loss.item() * len(b)
            self.rate.step()
            print("epoch %2d loss %.4f test loss %.4f accuracy %.3f" % (ep, total / len(y), *self.score(*self.test)))
        print("train loss %.3f accuracy %.3f" % self.score(*self.train))
        print("test  loss %.3f accuracy %.3f" % self.score(*self.test))


if __name__ == "__main__":
    Trial(Options()).run()
