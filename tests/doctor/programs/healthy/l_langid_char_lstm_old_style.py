# Character LSTM language guesser. Originally written for torch 0.4, python 2.7; ported line by line.
from __future__ import print_function, division
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.autograd import Variable
from torch.nn.utils.rnn import pack_padded_sequence

SEED = 1111
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
use_cuda = torch.cuda.is_available()

ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS = ['en', 'de', 'fr', 'cs']
MAXLEN, BATCH, NHID = 24, 64, 48


def read(lang, part, lo, hi):
    with gzip.open(os.path.join(ROOT, '%s.%s.gz' % (part, lang)), 'rb') as f:
        lines = f.read().decode('utf8').split('\n')
    return [l.strip().lower()[:MAXLEN] for l in lines[lo:hi] if l.strip()]


# different captions for every language, so that no picture is seen twice
train, test = [], []
for k, lang in enumerate(LANGS):
    train += [(s, k) for s in read(lang, 'train', 700 * k, 700 * (k + 1))]
    test += [(s, k) for s in read(lang, 'val', 150 * k, 150 * (k + 1))]
# short beginnings repeat ("a man in a"): keep one of each, and none of them in both parts
train = sorted(set(train)); known = set(s for s, _ in train)
test = sorted(set(r for r in test if r[0] not in known))
random.shuffle(train)

char2id = {'<pad>': 0, '<unk>': 1}
for s, _ in train:
    for c in s:
        char2id.setdefault(c, len(char2id))
print('train', len(train), 'test', len(test), 'chars', len(char2id))


def make_batch(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    lens = [len(r[0]) for r in rows]
    x = np.zeros((max(lens), len(rows)), dtype='int64')     # T x B
    for j, (s, _) in enumerate(rows):
        x[:len(s), j] = [char2id.get(c, 1) for c in s]
    x = Variable(torch.from_numpy(x))
    y = Variable(torch.from_numpy(np.array([r[1] for r in rows], dtype='int64')))
    if use_cuda:
        x, y = x.cuda(), y.cuda()
    return x, lens, y


class CharLSTM(nn.Module):
    def __init__(self, nchar):
        super(CharLSTM, self).__init__()
        self.emb = nn.Embedding(nchar, 16, padding_idx=0)
        self.rnn = nn.LSTM(16, NHID)
        self.out = nn.Linear(NHID, len(LANGS))

    def init_hidden(self, bsz):
        w = next(self.parameters()).data
        return (Variable(w.new(1, bsz, NHID).zero_()), Variable(w.new(1, bsz, NHID).zero_()))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens)
        _, (h, _) = self.rnn(packed, self.init_hidden(x.size(1)))
        return nn.functional.log_softmax(self.out(h[-1]), dim=1)


model = CharLSTM(len(char2id))
if use_cuda:
    model.cuda()
criterion = nn.NLLLoss()
optimizer = optim.Adam(model.parameters(), lr=6e-3)


def evaluate(rows):
    model.eval()
    hit, loss = 0, 0.
    with torch.no_grad():
        for i in range(0, len(rows), BATCH):
            x, lens, y = make_batch(rows[i:i + BATCH])
            out = model(x, lens)
            loss += criterion(out, y).item() * y.size(0)
            hit += (out.data.max(1)[1] == y.data).sum().item()
    model.train()
    return loss / len(rows), 100. * hit / len(rows)


for epoch in range(1, 6):
    perm = np.random.permutation(len(train))
    total = 0.
    for i in range(0, len(train), BATCH):
        x, lens, y = make_batch([train[j] for j in perm[i:i + BATCH]])
        model.zero_grad()
        loss = criterion(model(x, lens), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total += loss.data.item() * y.size(0)
    for g in optimizer.param_groups:
        g['lr'] *= 0.6
    print('| epoch %d | train loss %.3f | test loss %.3f | test acc %.1f%%' % ((epoch, total / len(train)) + evaluate(test)))
