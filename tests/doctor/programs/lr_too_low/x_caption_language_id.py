#!/usr/bin/env python3
"""Language identification of Multi30k captions with hashed character trigrams.

fastText-style: EmbeddingBag -> linear. Port of an old Theano script.
"""
import gzip, os, random, zlib
import torch
from torch import nn

DATA = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
opts = dict(dim=16, batch=32, epochs=5,
            # fault:
            lr=1e-6,
            # mended:
            # lr=5e-3,
            # end
            seed=1234)

random.seed(opts["seed"])
torch.manual_seed(opts["seed"])


def trigrams(text):
    text = f" {text.strip().lower()} "
    return [zlib.crc32(text[i:i + 3].encode("utf8")) % BUCKETS for i in range(len(text) - 2)]


def read(split, limit):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{DATA}/{split}.{lang}.gz", "rt", encoding="utf8") as fh:
            for i, line in enumerate(fh):
                if i == limit:
                    break
                # first 25 characters only, full captions are too easy
                rows.append((trigrams(line[:25]), k))
    random.shuffle(rows)
    return rows


train_rows = read("train", 500)
valid_rows = read("val", 200)
print(len(train_rows), "train rows,", len(valid_rows), "validation rows")


def to_bag(rows):
    flat, offsets = [], []
    for grams, _ in rows:
        offsets.append(len(flat))
        flat.extend(grams)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([k for _, k in rows])


class LangID(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, opts["dim"], mode="mean")
        self.lin = nn.Linear(opts["dim"], len(LANGS))
        nn.init.uniform_(self.bag.weight, -1 / opts["dim"] ** .5, 1 / opts["dim"] ** .5)

    def forward(self, flat, offsets):
        return self.lin(self.bag(flat, offsets))


net = LangID()
adam = torch.optim.Adam(net.parameters(), lr=opts["lr"])
xent = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(rows):
    net.eval()
    flat, offs, gold = to_bag(rows)
    acc = (net(flat, offs).argmax(1) == gold).float().mean().item()
    net.train()
    return acc


for epoch in range(opts["epochs"]):
    random.shuffle(train_rows)
    total = 0.
    for start in range(0, len(train_rows), opts["batch"]):
        rows = train_rows[start:start + opts["batch"]]
        flat, offs, gold = to_bag(rows)
        loss = xent(net(flat, offs), gold)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item() * len(rows)
    print("epoch %d loss %.4f valid acc %.3f" % (epoch, total / len(train_rows), accuracy(valid_rows)))
print("train %.3f / valid %.3f" % (accuracy(train_rows), accuracy(valid_rows)))
