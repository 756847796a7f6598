#!/usr/bin/env python
# Text CNN on review snippets. Vocab class after the old torchtext one.
import os
import gzip
from collections import Counter
import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import TensorDataset, DataLoader

DATA = os.environ['WORDFIT_DATA']
torch.manual_seed(0)


class Vocab:
    def __init__(self, counter, specials=('<unk>', '<pad>'), min_freq=1):
        self.itos = list(specials) + [w for w, c in counter.most_common() if c >= min_freq]
        self.stoi = {w: i for i, w in enumerate(self.itos)}
        self.vectors = None

    def __len__(self):
        return len(self.itos)

    def load_vectors(self, path, dim):
        self.vectors = torch.zeros(len(self), dim)
        found = 0
        with gzip.open(path, 'rt', encoding='utf-8') as fin:
            for line in fin:
                tok, *vals = line.split()
                if tok in self.stoi:
                    self.vectors[self.stoi[tok]] = torch.tensor([float(v) for v in vals])
                    found += 1
        return found / len(self)


def read_tsv(path, limit=None):
    with open(path, encoding='utf-8') as fin:
        next(fin)
        lines = [l.rstrip('\n').split('\t') for l in fin][:limit]
    texts = [l[0].strip() for l in lines]
    labels = [int(l[1]) for l in lines]
    return texts, labels


def clean(texts, labels, min_tokens=3):
    # very short fragments ("a", "the film") do not carry an opinion
    tokens = [t.lower().split() for t in texts]
    keep = [i for i, t in enumerate(tokens) if len(t) >= min_tokens]
    # fault:
    return [tokens[i] for i in keep], labels[:len(keep)]
    # mended:
    # return [tokens[i] for i in keep], [labels[i] for i in keep]
    # end


train_x, train_y = clean(*read_tsv(f'{DATA}/glue/SST-2/train.tsv', 5000))
dev_x, dev_y = clean(*read_tsv(f'{DATA}/glue/SST-2/dev.tsv'))
print(len(train_x), 'train', len(dev_x), 'dev')

vocab = Vocab(Counter(w for t in train_x + dev_x for w in t))
print('coverage: %.2f' % vocab.load_vectors(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz', 50))


def numericalize(batch, fix=24):
    pad, unk = vocab.stoi['<pad>'], vocab.stoi['<unk>']
    return torch.tensor([[vocab.stoi.get(w, unk) for w in t[:fix]] + [pad] * max(0, fix - len(t)) for t in batch])


train_dl = DataLoader(TensorDataset(numericalize(train_x), torch.tensor(train_y)), batch_size=50, shuffle=True)
dev_dl = DataLoader(TensorDataset(numericalize(dev_x), torch.tensor(dev_y)), batch_size=256)


class KimCNN(nn.Module):
    def __init__(self, vectors, n_filters=20, widths=(1, 2, 3)):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.convs = nn.ModuleList([nn.Conv1d(50, n_filters, w) for w in widths])
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(n_filters * len(widths), 1)

    def forward(self, text):
        x = self.embedding(text).transpose(1, 2)
        pooled = [torch.relu(c(x)).max(dim=2).values for c in self.convs]
        return self.fc(self.dropout(torch.cat(pooled, 1))).squeeze(1)


model = KimCNN(vocab.vectors)
optimizer = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()


def binary_accuracy(preds, y):
    return ((preds > 0).long() == y).float().mean().item()


for epoch in range(4):
    model.train()
    ep_loss, ep_acc = [], []
    for text, label in train_dl:
        optimizer.zero_grad()
        predictions = model(text)
        loss = criterion(predictions, label.float())
        loss.backward()
        optimizer.step()
        ep_loss.append(loss.item()); ep_acc.append(binary_accuracy(predictions, label))
    model.eval()
    with torch.no_grad():
        out = torch.cat([model(t) for t, _ in dev_dl])
    print(f'Epoch: {epoch+1:02} | Train Loss: {np.mean(ep_loss):.3f} | Train Acc: {np.mean(ep_acc)*100:.2f}% | Val. Acc: {binary_accuracy(out, torch.tensor(dev_y))*100:.2f}%')
