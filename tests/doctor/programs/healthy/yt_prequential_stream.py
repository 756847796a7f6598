#!/usr/bin/env python
"""Prequential evaluation: every mini batch of the stream is first predicted, then learned from. No second pass."""
import argparse
import gzip
import os
import re
import zlib
from collections import deque

import torch

ap = argparse.ArgumentParser()
ap.add_argument('--dim', type=int, default=1 << 14)
ap.add_argument('--chunk', type=int, default=20)
ap.add_argument('--lr', type=float, default=0.5)
ap.add_argument('--limit', type=int, default=8000)
cfg = ap.parse_args()
torch.manual_seed(0)


def stream():
    """Short English sentences; is it a question? (question marks and all other punctuation removed)"""
    rows, known, last = [], set(), ''
    with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/tatoeba-fra-eng/fra.txt.gz'), 'rt', encoding='utf8') as f:
        for line in f:
            s = line.partition('\t')[0]
            if s == last:                       # several translations of one sentence
                continue
            last = s
            if s[-1] not in '.?':
                continue
            words = re.findall(r"[a-z']+", s.lower())
            key = ' '.join(words)
            if len(words) < 3 or key in known:
                continue
            known.add(key)
            rows.append((words, s[-1] == '?'))
    q = [r for r in rows if r[1]]
    a = [r for r in rows if not r[1]]
    g = torch.Generator().manual_seed(5)
    half = cfg.limit // 2
    pick = [q[i] for i in torch.randperm(len(q), generator=g)[:half]] + [a[i] for i in torch.randperm(len(a), generator=g)[:half]]
    for i in torch.randperm(len(pick), generator=g).tolist():
        yield pick[i]


def hashed(words):
    grams = ['<' + words[0]] + words + [x + '_' + y for x, y in zip(words, words[1:])]
    return [zlib.crc32(w.encode()) % cfg.dim for w in grams]


weight = torch.nn.EmbeddingBag(cfg.dim, 1, mode='sum')
torch.nn.init.zeros_(weight.weight)
bias = torch.nn.Parameter(torch.zeros(1))
learner = torch.optim.Adagrad([{'params': weight.parameters(), 'lr': cfg.lr}, {'params': [bias], 'lr': 0.05}])

window = deque(maxlen=2000)
hits = seen = 0
loss_sum = 0.0
batch = []
for item in stream():
    batch.append(item)
    if len(batch) < cfg.chunk:
        continue
    ids = [hashed(w) for w, _ in batch]
    y = torch.tensor([float(t) for _, t in batch])
    starts = torch.tensor([0] + [len(i) for i in ids]).cumsum(0)[:-1]
    score = weight(torch.tensor([j for i in ids for j in i]), starts).squeeze(1) + bias
    # 1. test
    ok = ((score.detach() > 0) == (y > .5)).tolist()
    hits += sum(ok)
    seen += len(ok)
    window.extend(ok)
    # 2. train
    loss = torch.nn.functional.binary_cross_entropy_with_logits(score, y)
    learner.zero_grad()
    loss.backward()
    learner.step()
    loss_sum += loss.item() * len(ok)
    batch = []
    if seen % 2000 == 0:
        print(f'{seen:6d} seen   progressive loss {loss_sum / seen:.4f}   accuracy so far {hits / seen:.4f}   last {len(window)}: {sum(window) / len(window):.4f}')
print('final prequential accuracy', round(hits / seen, 4))
