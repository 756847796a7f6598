"""Phrase polarity (SST-2) after stop-word removal: averaged GloVe vectors and a one-layer network."""
import gzip
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]
STOP = set("""a an the of to in on at by for with and or is are was were be been it its this that these those as from
 he she they them his her their i you we my your our do does did has have had will would can could into than then so
 there here which who whom what when where how s t re ve ll d 's 'd 'll 're 've , . -- - : ; ' `` '' ( ) -lrb- -rrb-""".split())


@dataclass
class Config:
    n_train: int = 10000
    hidden: int = 48
    batch: int = 64
    epochs: int = 5
    lr: float = 2e-3
    dropout: float = 0.3
    seed: int = 4


class GloveTable:
    def __init__(self, path):
        self.index = {"<pad>": 0}
        rows = [np.zeros(50, dtype=np.float32)]
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                word, _, values = line.partition(" ")
                self.index[word] = len(rows)
                rows.append(np.fromstring(values, dtype=np.float32, sep=" "))
        self.vectors = torch.from_numpy(np.stack(rows))

    def ids(self, text):
        return [self.index[w] for w in text.split() if w not in STOP and w in self.index]


def read(path):
    with open(path, encoding="utf-8") as f:
        next(f)
        return [(t.strip(), int(y)) for t, y in (line.rstrip("\n").split("\t") for line in f)]


class PhraseNet(nn.Module):
    def __init__(self, table, cfg):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.hidden = nn.Linear(table.size(1), cfg.hidden)
        self.drop = nn.Dropout(cfg.dropout)
        self.score = nn.Linear(cfg.hidden, 2)

    def forward(self, ids):
        mask = (ids != 0).float().unsqueeze(2)
        total = (self.emb(ids) * mask).sum(1)
        # fault:
        mean = total / mask.sum(1)
        # mended:
        #mean = total / mask.sum(1).clamp(min=1)
        # end
        return self.score(self.drop(torch.relu(self.hidden(mean))))


def collate(rows):
    width = max(1, max(len(r) for r, _ in rows))
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (r, _) in enumerate(rows):
        x[i, :len(r)] = torch.tensor(r, dtype=torch.long)
    return x, torch.tensor([y for _, y in rows])


def main(cfg=Config()):
    torch.manual_seed(cfg.seed)
    rng = np.random.default_rng(cfg.seed)
    glove = GloveTable(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")
    raw_train, raw_dev = read(f"{ROOT}/glue/SST-2/train.tsv"), read(f"{ROOT}/glue/SST-2/dev.tsv")
    held = {t for t, _ in raw_dev}
    raw_train = [r for r in raw_train if r[0] not in held]
    raw_train = [raw_train[i] for i in rng.permutation(len(raw_train))[:cfg.n_train]]
    train = [(glove.ids(t), y) for t, y in raw_train]
    dev = [(glove.ids(t), y) for t, y in raw_dev]
    print(f"{len(train)} phrases for training, {len(dev)} sentences for dev")

    net = PhraseNet(glove.vectors, cfg)
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=cfg.lr)
    decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)
    dev_x, dev_y = collate(dev)
    for epoch in range(cfg.epochs):
        net.train()
        total = 0.0
        order = rng.permutation(len(train))
        for i in range(0, len(order), cfg.batch):
            x, y = collate([train[j] for j in order[i:i + cfg.batch]])
            loss = F.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        decay.step()
        net.eval()
        with torch.no_grad():
            out = net(dev_x)
            acc = (out.argmax(1) == dev_y).float().mean().item()
            dloss = F.cross_entropy(out, dev_y).item()
        print(f"epoch {epoch + 1}  train loss {total / len(train):.4f}  dev loss {dloss:.4f}  dev accuracy {acc:.4f}")
    print(f"majority {max(dev_y.float().mean().item(), 1 - dev_y.float().mean().item()):.4f}")


if __name__ == "__main__":
    main()
