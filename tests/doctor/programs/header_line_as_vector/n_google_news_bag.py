# Bag of GoogleNews vectors + small MLP on movie review sentences
import gzip
import os
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

np.random.seed(0)
torch.manual_seed(0)
root = os.environ['WORDFIT_DATA']


def read_split(name):
    xs, ys = [], []
    for line in open(os.path.join(root, 'sentiment', 'SST-2-sentences', 'stsa.binary.' + name), encoding='utf-8'):
        xs.append(line[2:].split())
        ys.append(int(line[0]))
    return xs, np.array(ys)


train_x, train_y = read_split('train')
test_x, test_y = read_split('test')
needed = {w for s in train_x + test_x for w in s}


def load_word2vec(path, needed):
    vocab, rows, dim = {}, [], None
    with gzip.open(path, 'rt', encoding='utf-8', errors='ignore') as f:
        # fault:
        # mended:
        # next(f)
        # end
        for line in f:
            word, values = line.rstrip().split(' ', 1)
            if dim is None:
                dim = values.count(' ') + 1
                rows.append(np.zeros(dim, dtype='float32'))          # row 0: unknown words
            if word in needed and word not in vocab:
                vocab[word] = len(rows)
                rows.append(np.array(values.split(' ')[:dim], dtype='float32'))
    return vocab, np.stack(rows)


vocab, matrix = load_word2vec(os.path.join(root, 'vectors', 'word2vec.GoogleNews.300d.13598words.txt.gz'), needed)
print('embedding matrix', matrix.shape)


def sentence_vectors(sents):
    out = np.zeros((len(sents), matrix.shape[1]), dtype='float32')
    for i, s in enumerate(sents):
        ids = [vocab[w] for w in s if w in vocab]
        if ids:
            out[i] = matrix[ids].mean(0)
    return torch.from_numpy(out)


Xtr, Xte = sentence_vectors(train_x), sentence_vectors(test_x)
Ytr, Yte = torch.from_numpy(train_y), torch.from_numpy(test_y)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd

clf = nn.Sequential(nn.Linear(Xtr.shape[1], 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 2))
optimizer = optim.Adam(clf.parameters(), lr=1e-3, weight_decay=1e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(5):
    clf.train()
    perm = torch.randperm(len(Xtr))
    losses = []
    for i in range(0, len(perm), 50):
        b = perm[i:i + 50]
        optimizer.zero_grad()
        loss = loss_fn(clf(Xtr[b]), Ytr[b])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    clf.eval()
    with torch.no_grad():
        tr = (clf(Xtr).argmax(1) == Ytr).float().mean().item()
        te = (clf(Xte).argmax(1) == Yte).float().mean().item()
    print('epoch %d: loss %.3f train acc %.3f test acc %.3f' % (epoch, np.mean(losses), tr, te))
