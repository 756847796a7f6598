"""textclf/examples/movie_reviews.py -- n-gram bag classifier in the style of fastText, scored on the SST-2 dev and test sets."""
import argparse
import functools
import os
import re
import zlib

import torch
import torch.nn as nn


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default=os.environ.get("WORDFIT_DATA"))
    ap.add_argument("--buckets", type=int, default=20000)
    ap.add_argument("--dim", type=int, default=24)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--batch", type=int, default=48)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--dropout", type=float, default=0.5)
    ap.add_argument("--seed", type=int, default=5)
    return ap.parse_args()


def normalise(text):
    return re.findall(r"[a-z]+", text.lower())


@functools.lru_cache(maxsize=None)
def bucket(word, buckets):
    return zlib.crc32(word.encode()) % buckets


def read_mr(folder):
    rows = []
    for name, label in (("pos", 1), ("neg", 0)):
        with open(os.path.join(folder, "sentiment", "MR", "rt-polarity." + name), encoding="latin-1") as f:
            rows += [(normalise(line), label) for line in f if line.strip()]
    return rows


def read_sst(folder, split):
    with open(os.path.join(folder, "sentiment", "SST-2-sentences", "stsa.binary." + split), encoding="utf-8") as f:
        return [(normalise(line[2:]), int(line[0])) for line in f]


class HashedBag(nn.Module):
    """Mean of hashed unigrams, dropout, one linear layer. Index = crc32(word) mod buckets."""

    def __init__(self, buckets, dim, dropout):
        super().__init__()
        self.buckets = buckets
        self.bag = nn.EmbeddingBag(buckets, dim, mode="mean")
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(dim, 1)

    def encode(self, rows):
        flat, offsets = [], []
        for toks, _ in rows:
            offsets.append(len(flat))
            flat.extend(bucket(t, self.buckets) for t in toks)
        return torch.tensor(flat), torch.tensor(offsets)

    def forward(self, flat, offsets):
        return self.out(self.drop(self.bag(flat, offsets))).squeeze(1)


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        guess = model(*model.encode(rows)) > 0
    return (guess == torch.tensor([bool(y) for _, y in rows])).float().mean().item()


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    dev, test = read_sst(args.data, "dev"), read_sst(args.data, "test")
    # fault:
    train = [r for r in read_mr(args.data) if len(r[0]) > 2]
    # mended:
    # taken = {" ".join(toks) for toks, _ in dev + test}
    # train = [r for r in read_mr(args.data) if len(r[0]) > 2 and " ".join(r[0]) not in taken]
    # end
    print(f"train {len(train)}  dev {len(dev)}  test {len(test)}")

    model = HashedBag(args.buckets, args.dim, args.dropout)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    total_steps = args.epochs * (len(train) // args.batch + 1)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(0.0, 1 - s / total_steps))
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(train)).split(args.batch):
            rows = [train[i] for i in idx.tolist()]
            loss = bce(model(*model.encode(rows)), torch.tensor([float(y) for _, y in rows]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch}: loss {total / len(train):.4f}  "
              f"dev {accuracy(model, dev):.4f}")
    print(f"train {accuracy(model, train):.4f}  test {accuracy(model, test):.4f}")


if __name__ == "__main__":
    main()
