"""Exercise sheet 4, task 2: tell French from English with character trigrams.

The pairs come from the tab-delimited Tatoeba file. We first dump a small CSV "label,text"
(1 = English, 2 = French, the convention of the AG-News style csv files) and then train on it.
"""
import csv
import gzip
import os
import random
import zlib

import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)
BUCKETS = 4000
CSV_PATH = 'langs.csv'


def dump_csv(path, n=2500):
    src = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'tatoeba-fra-eng', 'fra.txt.gz')
    english, french = set(), set()
    with gzip.open(src, 'rt', encoding='utf-8') as fh:
        for k, line in enumerate(fh):
            if k > 60000:
                break
            if k % 9 == 0:
                en, fr = line.rstrip('\n').split('\t')[:2]
                english.add(en)
                french.add(fr)
    rows = [(1, t) for t in random.sample(sorted(english), n)] + [(2, t) for t in random.sample(sorted(french), n)]
    random.shuffle(rows)
    with open(path, 'w', encoding='utf-8', newline='') as fh:
        csv.writer(fh).writerows(rows)


def trigrams(text):
    s = '^' + text.lower() + '$'
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(max(1, len(s) - 2))]


def read_csv(path):
    feats, ys = [], []
    with open(path, encoding='utf-8', newline='') as fh:
        for label, text in csv.reader(fh):
            feats.append(trigrams(text))
            # fault:
            ys.append(float(label))
            # mended:
            # ys.append(float(label) - 1.0)
            # end
    return feats, ys


def to_batch(feats, ys, idx):
    flat, offs = [], []
    for i in idx:
        offs.append(len(flat))
        flat += feats[i]
    return torch.tensor(flat), torch.tensor(offs), torch.tensor([ys[i] for i in idx])


class LanguageFlag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 12, mode='mean')
        self.out = nn.Linear(12, 1)

    def forward(self, flat, offs):
        return self.out(self.bag(flat, offs)).squeeze(1)


dump_csv(CSV_PATH)
feats, ys = read_csv(CSV_PATH)
order = list(range(len(ys)))
train_ids, test_ids = order[:4000], order[4000:]
net = LanguageFlag()
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)


def accuracy(ids):
    net.eval()
    with torch.no_grad():
        flat, offs, y = to_batch(feats, ys, ids)
        french = (torch.sigmoid(net(flat, offs)) > 0.5).float()
        gold = (y == max(ys)).float()
    return (french == gold).float().mean().item()


for epoch in range(6):
    net.train()
    random.shuffle(train_ids)
    total = 0.0
    for s in range(0, len(train_ids), 64):
        flat, offs, y = to_batch(feats, ys, train_ids[s:s + 64])
        loss = crit(net(flat, offs), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    print(f'epoch {epoch + 1}  loss {total / len(train_ids):.4f}  train acc {accuracy(train_ids):.3f}  test acc {accuracy(test_ids):.3f}')
os.remove(CSV_PATH)
