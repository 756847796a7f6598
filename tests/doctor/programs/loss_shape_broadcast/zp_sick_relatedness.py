#!/usr/bin/env python3
# SICK relatedness (1..5) from GloVe averages. Course exercise 3b.
import csv, gzip, os
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
data_dir = os.environ['WORDFIT_DATA']

vec = {}
with gzip.open(data_dir + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8') as fh:
    for row in fh:
        parts = row.rstrip('\n').split(' ')
        vec[parts[0]] = np.asarray(parts[1:], dtype='float32')


def average(sentence):
    found = [vec[w] for w in sentence.lower().replace(',', ' ').split() if w in vec]
    return np.mean(found, axis=0) if found else np.zeros(50, dtype='float32')


def load(fname):
    X, y = [], []
    with open(os.path.join(data_dir, 'glue', 'SICK', fname), encoding='utf8') as fh:
        for r in csv.DictReader(fh, delimiter='\t', quoting=csv.QUOTE_NONE):
            a, b = average(r['sentence_A']), average(r['sentence_B'])
            wa, wb = set(r['sentence_A'].lower().split()), set(r['sentence_B'].lower().split())
            cos = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-6)
            extra = [cos, len(wa & wb) / len(wa | wb), abs(len(wa) - len(wb)) / 10]
            X.append(np.concatenate([np.abs(a - b), a * b, extra]))
            y.append(float(r['relatedness_score']))
    return torch.tensor(np.array(X), dtype=torch.float32), torch.tensor(y)


Xtr, ytr = load('SICK_train.txt')
Xte, yte = load('SICK_trial.txt')
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd

net = torch.nn.Sequential(
    torch.nn.Linear(Xtr.shape[1], 24),
    torch.nn.Tanh(),
    torch.nn.Dropout(0.3),
    torch.nn.Linear(24, 1),
)
net[-1].bias.data.fill_(float(ytr.mean()))
optim = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True)


def report(X, y):
    net.eval()
    with torch.no_grad():
        p = net(X)[:, 0]
    rmse = ((p - y) ** 2).mean().sqrt().item()
    return rmse, np.corrcoef(p.numpy(), y.numpy())[0, 1]


print('std of the scores: %.3f' % yte.std().item())
for epoch in range(8):
    net.train()
    losses = []
    for xb, yb in loader:
        pred = net(xb)
        # fault:
        loss = ((pred - yb) ** 2).mean()
        # mended:
        # loss = ((pred.squeeze(1) - yb) ** 2).mean()
        # end
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    print('epoch %d  mse %.4f | trial rmse %.3f  r %.3f' % ((epoch, np.mean(losses)) + report(Xte, yte)))
print('train rmse %.3f  r %.3f' % report(Xtr, ytr))
