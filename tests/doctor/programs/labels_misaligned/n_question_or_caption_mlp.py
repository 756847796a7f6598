# -*- coding: utf-8 -*-
"""Text type filter for a search engine: customer question, film opinion, image caption. Port of an old Torch7 script."""
import os
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(123)
torch.manual_seed(123)
root = os.environ['WORDFIT_DATA']


def tsv(path, k, n):
    out = []
    with open(os.path.join(root, path), encoding='utf-8') as f:
        f.readline()
        for line in f:
            out.append(line.rstrip('\n').split('\t')[k].lower())
            if len(out) == n:
                break
    return out


def clean(t):
    return [w for w in ''.join(c if c.isalpha() else ' ' for c in t).split()]


sources = [tsv('glue/QQP/train_subset8999.tsv', 1, 900), tsv('glue/SST-2/dev.tsv', 0, 900), tsv('glue/SNLI/train_subset8999.tsv', 1, 900)]
docs, classes, seen = [], [], set()
for y, texts in enumerate(sources):
    for t in texts:
        w = clean(t)
        if len(w) >= 3 and ' '.join(w) not in seen:
            seen.add(' '.join(w))
            docs.append(w)
            classes.append(y)

mix = rng.permutation(len(docs))
docs = [docs[i] for i in mix]
classes = np.array(classes)[mix]
n_test = 500
test_docs, test_classes = docs[:n_test], classes[:n_test]
train_docs, train_classes = docs[n_test:], classes[n_test:]

# similar lengths side by side, so that mini-batches carry little padding
order = sorted(range(len(train_docs)), key=lambda i: len(train_docs[i]))
train_docs = [train_docs[i] for i in order]
# fault:
# mended:
# train_classes = train_classes[order]
# end

counts = {}
for d in train_docs:
    for w in d:
        counts[w] = counts.get(w, 0) + 1
dictionary = {w: i + 1 for i, w in enumerate(sorted(w for w in counts if counts[w] > 2))}
OOV = len(dictionary) + 1
print('%d training texts, %d test texts, dictionary of %d' % (len(train_docs), len(test_docs), len(dictionary)))


def minibatches(docs, classes, size=30):
    for i in range(0, len(docs), size):
        part = docs[i:i + size]
        longest = max(len(d) for d in part)
        x = np.zeros((len(part), longest), dtype=np.int64)
        for r, d in enumerate(part):
            x[r, :len(d)] = [dictionary.get(w, OOV) for w in d]
        yield torch.from_numpy(x), torch.from_numpy(np.asarray(classes[i:i + size]))


class Filter(nn.Module):
    def __init__(self):
        super(Filter, self).__init__()
        self.lookup = nn.Embedding(OOV + 1, 16, padding_idx=0)
        self.dropout = nn.Dropout(0.3)
        self.hidden = nn.Linear(16, 24)
        self.output = nn.Linear(24, 3)

    def forward(self, x):
        m = (x > 0).float()
        mean = self.lookup(x).sum(1) / m.sum(1, keepdim=True)
        return self.output(torch.tanh(self.hidden(self.dropout(mean))))


def correct(docs, classes):
    mlp.eval()
    hits = 0
    with torch.no_grad():
        for x, y in minibatches(docs, classes, 100):
            hits += (mlp(x).argmax(1) == y).sum().item()
    return hits / len(docs)


mlp = Filter()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(mlp.parameters(), lr=0.005)
batches = list(minibatches(train_docs, train_classes))
for epoch in range(6):
    mlp.train()
    err = 0
    for k in rng.permutation(len(batches)):
        x, y = batches[k]
        mlp.zero_grad()
        loss = criterion(mlp(x), y)
        loss.backward()
        optimizer.step()
        err += loss.item()
    print('# epoch %d  avg error %.4f  train %.3f  test %.3f' % (
        epoch + 1, err / len(batches), correct(train_docs, train_classes), correct(test_docs, test_classes)))
