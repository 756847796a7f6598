# Deep averaging network (Iyyer et al. 2015) on SST, Google News vectors left as they are
import gzip
import os

import numpy as np
import torch
from torch import nn

DATA = os.environ['WORDFIT_DATA']
torch.manual_seed(1234)
P_WORD, HIDDEN, EPOCHS = 0.2, 64, 3


def read(split):
    path = os.path.join(DATA, 'sentiment', 'SST-2-sentences', 'stsa.binary.' + split)
    pairs = [l.rstrip('\n').split(' ', 1) for l in open(path, encoding='utf-8', errors='replace')]
    return [t.split() for _, t in pairs], torch.tensor([float(y) for y, _ in pairs])


def read_vectors(path, wanted):
    vecs = {}
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        # fault:
        first = f.readline()
        dim = len(first.split()) - 1
        f.seek(0)
        # mended:
        # first = f.readline()
        # dim = int(first.split()[1])
        # end
        for line in f:
            word, rest = line.split(' ', 1)
            if word in wanted:
                vecs[word] = np.array(rest.split()[:dim], dtype=np.float32)
    return vecs, dim


train_txt, train_y = read('train')
test_txt, test_y = read('test')
wanted = {w for t in train_txt + test_txt for w in t}
vecs, dim = read_vectors(os.path.join(DATA, 'vectors', 'word2vec.GoogleNews.300d.13598words.txt.gz'), wanted)
itos = sorted(vecs)
stoi = {w: i for i, w in enumerate(itos)}
table = torch.from_numpy(np.stack([vecs[w] for w in itos]))
print('table', tuple(table.shape), 'of', len(wanted), 'words')


def ids(texts):
    return [torch.tensor([stoi[w] for w in t if w in stoi] or [stoi['a' if 'a' in stoi else 'film']]) for t in texts]


class DAN(nn.Module):
    def __init__(self):
        super().__init__()
        self.av = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode='mean')
        self.f = nn.Sequential(nn.Linear(dim, HIDDEN), nn.ReLU(), nn.Dropout(0.2), nn.Linear(HIDDEN, 1))

    def forward(self, seqs):
        if self.training:               # word dropout, at least one word stays
            seqs = [k if len(k) else s for s, k in ((s, s[torch.rand(len(s)) > P_WORD]) for s in seqs)]
        offs = torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)
        return self.f(self.av(torch.cat(seqs), offs)).squeeze(-1)


train_s, test_s = ids(train_txt), ids(test_txt)
model = DAN()
opt = torch.optim.Adam(model.f.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.4)
bce = nn.BCEWithLogitsLoss()


def accuracy(s, y):
    model.eval()
    with torch.no_grad():
        return ((model(s) > 0) == (y > 0.5)).float().mean().item()


for epoch in range(EPOCHS):
    model.train()
    total = 0.
    for rows in torch.randperm(len(train_s)).split(64):
        loss = bce(model([train_s[i] for i in rows.tolist()]), train_y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    sched.step()
    print('epoch %d loss %.4f train %.3f test %.3f' % (epoch + 1, total / len(train_s), accuracy(train_s, train_y), accuracy(test_s, test_y)))
print('share of the larger class in test %.3f' % max(test_y.mean().item(), 1 - test_y.mean().item()))
