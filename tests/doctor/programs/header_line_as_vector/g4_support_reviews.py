"""
Customer voice: is a product review a complaint?
Frozen word vectors (word2vec text format, the way gensim writes it), max+mean pooling, small MLP.
"""
import gzip
import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

DATA = os.environ['WORDFIT_DATA']
VECTORS = os.path.join(DATA, 'vectors', 'word2vec.GoogleNews.300d.13598words.txt.gz')
torch.manual_seed(1); np.random.seed(1)

rows = []
for fn, label in (('custrev.pos', 0), ('custrev.neg', 1)):
    with open(os.path.join(DATA, 'sentiment', 'CR', fn), encoding='latin-1') as fh:
        rows += [(line.split()[:40], label) for line in sorted(set(fh))]
rows = [rows[i] for i in np.random.permutation(len(rows)) if len(rows[i][0]) > 2]
words = {w for toks, _ in rows for w in toks}


def load_vectors(path, wanted):
    table = {}
    with gzip.open(path, 'rt', encoding='utf-8') as fh:
        # fault:
        width = len(fh.readline().split()) - 1
        # mended:
        # width = int(fh.readline().split()[1])
        # end
        for line in fh:
            word, rest = line.split(' ', 1)
            if word in wanted:
                table[word] = np.array(rest.split()[:width], dtype='float32')
    return table, width


table, width = load_vectors(VECTORS, words)
itos = ['<pad>'] + sorted(table)
stoi = {w: i for i, w in enumerate(itos)}
matrix = np.zeros((len(itos), width), 'float32')
for w, v in table.items():
    matrix[stoi[w]] = v
print(f'{len(rows)} reviews, {len(table)} of {len(words)} words have a vector, table {matrix.shape}')

data = [([stoi[w] for w in toks if w in stoi], y) for toks, y in rows]
data = [d for d in data if d[0]]
cut = int(.85 * len(data))


def collate(batch):
    n = max(len(x) for x, _ in batch)
    ids = torch.tensor([x + [0] * (n - len(x)) for x, _ in batch])
    return ids, torch.tensor([y for _, y in batch])


class Voice(nn.Module):
    def __init__(self, weights, hidden=48):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.clf = nn.Sequential(nn.Linear(2 * weights.size(1), hidden), nn.ReLU(), nn.Dropout(.4), nn.Linear(hidden, 2))

    def forward(self, ids):
        real = (ids != 0).unsqueeze(-1)
        e = self.lookup(ids)
        mean = (e * real).sum(1) / real.sum(1)
        top = e.masked_fill(~real, -1e4).max(1).values
        return self.clf(torch.cat([mean, top], 1))


net = Voice(torch.from_numpy(matrix))
optimizer = torch.optim.Adam(net.clf.parameters(), lr=2e-3, weight_decay=1e-4)
weight = torch.tensor([1., sum(y == 0 for _, y in data[:cut]) / sum(y == 1 for _, y in data[:cut])])
criterion = nn.CrossEntropyLoss(weight=weight)
loader = DataLoader(data[:cut], 50, shuffle=True, collate_fn=collate)


def evaluate(part):
    net.eval()
    with torch.no_grad():
        ids, y = collate(part)
        p = net(ids).argmax(1)
    return (p == y).float().mean().item(), np.mean([(p[y == c] == c).float().mean().item() for c in (0, 1)])


for epoch in range(5):
    net.train()
    s = 0
    for ids, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(ids), y)
        loss.backward()
        optimizer.step()
        s += loss.item()
    print('epoch {} loss {:.3f} train acc {:.3f} test acc {:.3f} balanced {:.3f}'.format(
        epoch, s / len(loader), evaluate(data[:500])[0], *evaluate(data[cut:])))
