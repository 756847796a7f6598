# Movie reviews (Pang & Lee), word2vec-style init, "gradual unfreezing":
#   stage 1 - only the head learns,   stage 2 - the table joins with a tiny learning rate
import gzip, os
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from sklearn.model_selection import train_test_split

torch.manual_seed(0); rng = np.random.RandomState(0)
root = Path(os.environ['WORDFIT_DATA'])

texts, labels, already = [], [], set()
for lab, name in enumerate(['rt-polarity.neg', 'rt-polarity.pos']):
    for line in (root / 'sentiment' / 'MR' / name).open(encoding='utf-8', errors='replace'):
        line = line.strip()
        if len(line.split()) >= 3 and line not in already:
            already.add(line)
            texts.append(line.split()); labels.append(lab)
X_tr, X_va, y_tr, y_va = train_test_split(texts, labels, test_size=0.2, random_state=7, stratify=labels)

freq = Counter(w for t in X_tr for w in t)
itos = ['<pad>', '<unk>'] + [w for w, c in freq.most_common() if c >= 4]
stoi = {w: i for i, w in enumerate(itos)}
matrix = rng.normal(0, .1, (len(itos), 300)).astype('float32')
matrix[0] = 0
found = 0
with gzip.open(root / 'vectors' / 'word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    next(f)
    for line in f:
        word, rest = line.rstrip().split(' ', 1)
        i = stoi.get(word)
        if i is not None:
            matrix[i] = np.fromstring(rest, sep=' ', dtype='float32'); found += 1
matrix[1:] = (matrix[1:] - matrix[1:].mean(0)) / matrix[1:].std(0)
print(f'{len(itos)} words, {found} with a pretrained vector')


class Reviews(Dataset):
    def __init__(self, xs, ys):
        self.rows = [(torch.tensor([stoi.get(w, 1) for w in x]), float(y)) for x, y in zip(xs, ys)]
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]


def flat(batch):
    """EmbeddingBag format: one long vector and the offsets, so there's no padding at all."""
    xs, ys = zip(*batch)
    lens = torch.tensor([0] + [len(x) for x in xs[:-1]])
    return torch.cat(xs), lens.cumsum(0), torch.tensor(ys)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), freeze=True, mode='mean', sparse=True)
        self.head = nn.Sequential(nn.Dropout(.3), nn.Linear(300, 48), nn.Tanh(), nn.Dropout(.4), nn.Linear(48, 1))
    def forward(self, ids, offs):
        return self.head(self.bag(ids, offs)).squeeze(-1)


net = Net()
bce = nn.BCEWithLogitsLoss()
dl = DataLoader(Reviews(X_tr, y_tr), batch_size=50, shuffle=True, collate_fn=flat)
vl = DataLoader(Reviews(X_va, y_va), batch_size=500, collate_fn=flat)


def validate(loader):
    net.eval(); ok = cnt = 0; ls = 0.
    with torch.no_grad():
        for ids, offs, y in loader:
            z = net(ids, offs)
            ls += bce(z, y).item() * len(y)
            ok += ((z > 0).float() == y).sum().item(); cnt += len(y)
    return ls / cnt, ok / cnt


class Both:
    def __init__(self, *opts): self.opts = opts
    def zero_grad(self): [o.zero_grad() for o in self.opts]
    def step(self): [o.step() for o in self.opts]


def run(stage, epochs, optimizer):
    opts = optimizer.opts if isinstance(optimizer, Both) else [optimizer]
    scheds = [optim.lr_scheduler.LinearLR(o, 1.0, 0.05, total_iters=epochs * len(dl)) for o in opts]
    for ep in range(epochs):
        net.train(); s = 0.
        for ids, offs, y in dl:
            optimizer.zero_grad()
            l = bce(net(ids, offs), y)
            l.backward()
            optimizer.step()
            for sch in scheds: sch.step()
            s += l.item()
        vloss, vacc = validate(vl)
        print(f'[{stage}] ep {ep} train {s / len(dl):.4f} val {vloss:.4f} acc {vacc:.4f}')


run('head', 3, optim.Adam(net.head.parameters(), lr=2e-3))
net.bag.weight.requires_grad_(True)
run('all', 2, Both(optim.Adam(net.head.parameters(), lr=3e-4), optim.SparseAdam(net.bag.parameters(), lr=1e-3)))
print('train acc %.4f | val acc %.4f' % (validate(dl)[1], validate(vl)[1]))
