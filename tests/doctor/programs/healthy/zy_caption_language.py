"""Which language is this caption written in? Hashed character trigrams, one bag per caption.

The table is big and its gradient sparse, so it gets its own optimiser.
"""
import gzip
import os
import random
import zlib

import torch
from torch import nn

BUCKETS = 1 << 14
LANGS = ["cs", "de", "en", "fr"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def trigrams(line):
    s = "^" + line.strip().lower() + "$"
    return [zlib.crc32(s[i:i + 3].encode("utf8")) % BUCKETS for i in range(len(s) - 2)]


def load(split, start, stop):
    rows = []
    for y, lang in enumerate(LANGS):
        with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf8") as f:
            for k, line in enumerate(f):
                if k >= stop:
                    break
                # each language gets captions of other photographs
                if k >= start and k % 4 == y:
                    words = line.split()
                    rows.append((trigrams(" ".join(words[:6])), y))
    return rows


def flat(rows):
    ids = [i for r, _ in rows for i in r]
    offs, n = [], 0
    for r, _ in rows:
        offs.append(n)
        n += len(r)
    return torch.tensor(ids), torch.tensor(offs), torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 12, mode="mean", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.3)
        self.out = nn.Linear(12, len(LANGS))

    def forward(self, ids, offs):
        return self.out(self.bag(ids, offs))


def main():
    random.seed(7)
    torch.manual_seed(7)
    train, val = load("train", 0, 9000), load("val", 0, 1014)
    seen = {tuple(r) for r, _ in train}
    val = [v for v in val if tuple(v[0]) not in seen]
    print(len(train), "train", len(val), "val")
    net = Net()
    table_opt = torch.optim.SparseAdam(list(net.bag.parameters()), lr=0.02)
    head_opt = torch.optim.Adam(net.out.parameters(), lr=0.02)
    ce = nn.CrossEntropyLoss()
    for ep in range(6):
        random.shuffle(train)
        tot = 0.0
        for b in range(0, len(train), 100):
            ids, offs, y = flat(train[b:b + 100])
            loss = ce(net(ids, offs), y)
            table_opt.zero_grad()
            head_opt.zero_grad()
            loss.backward()
            table_opt.step()
            head_opt.step()
            tot += loss.item() * len(y)
        net.eval()
        with torch.no_grad():
            accs = []
            for part in (train, val):
                ids, offs, y = flat(part)
                accs.append((net(ids, offs).argmax(1) == y).float().mean().item())
        net.train()
        print(f"epoch {ep}  loss {tot / len(train):.4f}  train acc {accs[0]:.4f}  val acc {accs[1]:.4f}")


main()
