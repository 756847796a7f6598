# Match a shortened, shuffled caption with its original.  Sparse hashed word table, two optimizers, in-batch negatives.
import gzip
import itertools
import os
import random
import zlib

import torch
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)
BUCKETS, DIM, TAU = 1 << 12, 32, 0.1


def captions(split, n):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k", split + ".en.gz"), "rt", encoding="utf-8") as f:
        for line in itertools.islice(f, n):
            words = line.lower().replace(".", " ").replace(",", " ").split()
            if len(words) >= 6:
                yield [zlib.crc32(w.encode()) % BUCKETS for w in words]


def shorten(ids):
    keep = random.sample(ids, max(3, int(len(ids) * 0.5)))
    return keep


def ragged(rows):
    sizes = torch.tensor([0] + [len(r) for r in rows])
    return torch.tensor(list(itertools.chain.from_iterable(rows))), sizes.cumsum(0)[:-1]


def stream(rows, size):
    order = random.sample(range(len(rows)), len(rows))
    for k in range(0, len(order) - size + 1, size):
        part = [rows[i] for i in order[k:k + size]]
        yield ragged(part), ragged([shorten(r) for r in part])


class Tower(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="sum", sparse=True)
        torch.nn.init.normal_(self.words.weight, 0, 0.2)
        self.query = torch.nn.Linear(DIM, DIM, bias=False)
        torch.nn.init.eye_(self.query.weight)

    def long(self, bag):
        return F.normalize(self.words(*bag), dim=-1)

    def short(self, bag):
        return F.normalize(self.query(self.words(*bag)), dim=-1)


def info_nce(a, b):
    s = a @ b.t() / TAU
    gold = torch.arange(len(s))
    return 0.5 * (F.cross_entropy(s, gold) + F.cross_entropy(s.t(), gold))


@torch.no_grad()
def recall(model, long, short, k=1):
    s = model.short(short) @ model.long(long).t()
    top = s.topk(k, dim=1).indices
    return (top == torch.arange(len(s))[:, None]).any(1).float().mean().item()


def probe(rows):
    return ragged(rows), ragged([shorten(r) for r in rows])


train, val = list(captions("train", 2500)), list(captions("val", 400))
val_pair, train_pair = probe(val), probe(train[:len(val)])
model = Tower()
opts = [torch.optim.SparseAdam(list(model.words.parameters()), lr=8e-3), torch.optim.Adam(model.query.parameters(), lr=1e-3)]
print("start: recall@1 val %.3f" % recall(model, *val_pair))
for epoch in range(6):
    losses = []
    for long, short in stream(train, 64):
        loss = info_nce(model.short(short), model.long(long))
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        losses.append(loss.item())
    print("epoch %d: %.4f   recall@1 train %.3f val %.3f  recall@5 val %.3f" % (
        epoch, sum(losses) / len(losses), recall(model, *train_pair), recall(model, *val_pair), recall(model, *val_pair, k=5)))
