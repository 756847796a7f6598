# Find the few unhappy sentences among many happy ones (as in a feed of reviews): about 1 in 16.
import os, csv, re
import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score, recall_score, roc_auc_score
from torch.utils.data import TensorDataset, DataLoader

SEED = 14
torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)
path = os.path.join(os.environ['WORDFIT_DATA'], 'glue', 'SST-2')
with open(os.path.join(path, 'train.tsv'), encoding='utf-8') as f:
    next(f)
    rows = [l.rstrip('\n').rsplit('\t', 1) for l in f]
rows = [(t.split(), int(l)) for t, l in rows if 8 <= len(t.split()) <= 40]
happy = [t for t, l in rows if l == 1]
unhappy = [t for t, l in rows if l == 0]
happy = [happy[i] for i in rng.permutation(len(happy))[:7000]]
unhappy = [unhappy[i] for i in rng.permutation(len(unhappy))[:470]]
data = [(t, 0) for t in happy] + [(t, 1) for t in unhappy]
held = []
for part in ('dev', 'test'):                     # whole sentences that no training phrase was cut from
    for l in open(os.path.join(path, '..', '..', 'sentiment', 'SST-2-sentences', 'stsa.binary.' + part), encoding='utf-8'):
        if l[0] == '1' or rng.rand() < .1:
            held.append((l.split()[1:], int(l[0] == '0')))

import gzip
vec = {}
with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.split(' ', 1)
        vec[w] = np.fromstring(rest, sep=' ', dtype=np.float32)


def represent(tokens):
    m = [vec[w] for w in tokens if w in vec]
    if not m:
        return np.zeros(100, dtype=np.float32)
    m = np.stack(m)
    return np.concatenate([m.mean(0), m.min(0)])


def tensors(rows):
    return torch.from_numpy(np.stack([represent(t) for t, _ in rows])), torch.tensor([float(l) for _, l in rows])


train_ds = TensorDataset(*tensors(data))
Xte, yte = tensors(held)
loader = DataLoader(train_ds, batch_size=64, shuffle=True)

model = torch.nn.Sequential(torch.nn.BatchNorm1d(100), torch.nn.Linear(100, 24), torch.nn.ReLU(), torch.nn.Dropout(.3), torch.nn.Linear(24, 1))
# fault:
criterion = torch.nn.BCEWithLogitsLoss()
# mended:
# pos = train_ds.tensors[1].sum()
# criterion = torch.nn.BCEWithLogitsLoss(pos_weight=(len(train_ds) - pos) / pos)
# end
optim = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
for epoch in range(3):
    model.train()
    running = 0.0
    for xb, yb in loader:
        optim.zero_grad()
        loss = criterion(model(xb).squeeze(1), yb)
        loss.backward()
        optim.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        zt, z = model(train_ds.tensors[0]).squeeze(1), model(Xte).squeeze(1)
    print('epoch {} loss {:.4f}  balanced acc train {:.3f} test {:.3f}'.format(
        epoch, running / len(loader), balanced_accuracy_score(train_ds.tensors[1], zt > 0), balanced_accuracy_score(yte, z > 0)))
print('test: complaints found %.3f, happy ones kept %.3f, AUC %.3f' % (recall_score(yte, z > 0), recall_score(1 - yte, z <= 0), roc_auc_score(yte, z)))
