#!/usr/bin/env python
"""Language id of short snippets, fastText style: hashed character n-grams, sparse gradients, no dense optimiser for the table."""
import argparse, gzip, os, sys, zlib
import numpy as np
import torch

def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument('--buckets', type=int, default=1 << 14)
    ap.add_argument('--dim', type=int, default=8)
    ap.add_argument('--epochs', type=int, default=5)
    ap.add_argument('--lr', type=float, default=0.02)
    return ap.parse_args([])

LANGS = ['en', 'de', 'fr', 'cs']

def snippets(lang, limit):
    """first three words of each caption; the same snippet is kept once"""
    found = {}
    root = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
    with gzip.open(os.path.join(root, f'train.{lang}.gz'), 'rt', encoding='utf-8') as f:
        for line in f:
            w = line.lower().split()
            if len(w) >= 6:
                k = len(found) % (len(w) - 3)       # from anywhere in the caption
                found.setdefault(' '.join(w[k:k + 2]), None)
            if len(found) >= limit:
                break
    return list(found)

def ngrams(s, buckets):
    s = f'<{s}>'
    return [zlib.crc32(s[i:i + n].encode()) % buckets for n in (1, 2, 3) for i in range(len(s) - n + 1)]

def batches(rows, size, gen=None):
    order = torch.randperm(len(rows), generator=gen).tolist() if gen else range(len(rows))
    order = list(order)
    for i in range(0, len(order), size):
        part = [rows[j] for j in order[i:i + size]]
        lens = torch.tensor([len(x) for x, _ in part])
        yield torch.cat([x for x, _ in part]), lens.cumsum(0) - lens, torch.tensor([y for _, y in part])

def main():
    args = get_args()
    torch.manual_seed(0)
    gen = torch.Generator().manual_seed(1)
    texts = {}
    for y, lang in enumerate(LANGS):
        for s in snippets(lang, 1500):
            texts.setdefault(s, set()).add(y)
    # a snippet that two languages share has no answer
    rows = [(torch.tensor(ngrams(s, args.buckets)), ys.pop()) for s, ys in texts.items() if len(ys) == 1]
    perm = torch.randperm(len(rows), generator=gen).tolist()
    rows = [rows[i] for i in perm]
    n = len(rows) // 5
    test, train = rows[:n], rows[n:]
    print(f'{len(train)} train, {len(test)} test snippets', file=sys.stdout)

    bag = torch.nn.EmbeddingBag(args.buckets, args.dim, mode='mean', sparse=True)
    torch.nn.init.uniform_(bag.weight, -1 / args.dim, 1 / args.dim)
    out = torch.nn.Linear(args.dim, len(LANGS))
    o1 = torch.optim.SparseAdam(bag.parameters(), lr=args.lr)
    o2 = torch.optim.Adam(out.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        run = cnt = 0
        for flat, off, y in batches(train, 32, gen):
            loss = torch.nn.functional.cross_entropy(out(bag(flat, off)), y)
            o1.zero_grad(); o2.zero_grad()
            loss.backward()
            o1.step(); o2.step()
            run += loss.item() * len(y); cnt += len(y)
        with torch.no_grad():
            ok = sum((out(bag(f, o)).argmax(-1) == y).sum().item() for f, o, y in batches(test, 500))
            ll = sum(torch.nn.functional.cross_entropy(out(bag(f, o)), y, reduction='sum').item() for f, o, y in batches(test, 500))
        print(f'epoch {epoch}: train loss {run / cnt:.4f}  test loss {ll / len(test):.4f}  test acc {ok / len(test):.4f}')
        for opt in (o1, o2):                       # fastText lets the rate fall linearly
            for g in opt.param_groups:
                g['lr'] = args.lr * (1 - (epoch + 1) / args.epochs)

if __name__ == '__main__':
    main()
