# Phrase sentiment with ragged batches: all words of a batch lie in one flat tensor,
# `seg` says to which phrase each of them belongs. No padding anywhere.
import csv, gzip, os
from itertools import islice

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BASE = os.environ['WORDFIT_DATA']
STOP = set("a an the of and or in on at to for from by with is are was were be been it its 's this that these "
           "those as , . -- ; : ' `` '' ( ) he she his her they them their you your i we us our who which what".split())


class Lexicon:
    def __init__(self, path):
        self.index, rows = {}, []
        with gzip.open(path, 'rt', encoding='utf-8') as f:
            for ln in f:
                w, rest = ln.split(' ', 1)
                self.index[w] = len(rows)
                rows.append(np.array(rest.split(), dtype=np.float32))
        self.matrix = torch.tensor(np.stack(rows))

    def encode(self, text):
        return [self.index[w] for w in text.split() if w in self.index and w not in STOP]


def load(split, lex, every=1, limit=None):
    with open(f'{BASE}/glue/SST-2/{split}.tsv', encoding='utf-8', newline='') as f:
        rd = csv.reader(f, delimiter='\t', quoting=csv.QUOTE_NONE)
        next(rd)
        return [(lex.encode(s), int(y)) for s, y in islice(rd, 0, limit, every)]


def ragged(rows, size, gen=None):
    order = torch.randperm(len(rows), generator=gen).tolist() if gen is not None else range(len(rows))
    order = list(order)
    for k in range(0, len(order), size):
        chunk = [rows[i] for i in order[k:k + size]]
        flat = torch.tensor([t for ids, _ in chunk for t in ids], dtype=torch.long)
        seg = torch.tensor([n for n, (ids, _) in enumerate(chunk) for _ in ids], dtype=torch.long)
        yield flat, seg, torch.tensor([y for _, y in chunk])


class SegmentMean(nn.Module):
    def __init__(self, vectors, hidden):
        super().__init__()
        self.register_buffer('vectors', vectors)
        self.inner = nn.Linear(vectors.size(1), hidden)
        self.head = nn.Linear(hidden, 2)

    def forward(self, flat, seg, n):
        h = torch.relu(self.inner(self.vectors[flat]))
        total = h.new_zeros(n, h.size(1)).index_add(0, seg, h)
        count = torch.bincount(seg, minlength=n).unsqueeze(1)
        # fault:
        return self.head(total / count)
        # mended:
        # return self.head(total / count.clamp(min=1))
        # end


def evaluate(model, rows):
    model.eval()
    good = 0
    with torch.no_grad():
        for flat, seg, y in ragged(rows, 500):
            good += (model(flat, seg, len(y)).argmax(-1) == y).sum().item()
    return good / len(rows)


if __name__ == '__main__':
    torch.manual_seed(1)
    lex = Lexicon(f'{BASE}/vectors/glove.6B.50d.top10361.txt.gz')
    train = load('train', lex, every=6)
    dev = load('dev', lex)
    print(len(train), 'phrases,', len(dev), 'dev sentences')
    model = SegmentMean(lex.matrix, 64)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)
    gen = torch.Generator().manual_seed(1)
    for epoch in range(6):
        model.train()
        seen, summed = 0, 0.0
        for flat, seg, y in ragged(train, 128, gen):
            loss = F.cross_entropy(model(flat, seg, len(y)), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            summed += loss.item() * len(y)
            seen += len(y)
        sched.step()
        print(f'[{epoch}] loss {summed / seen:.4f} train {evaluate(model, train):.4f} dev {evaluate(model, dev):.4f}')
