"""NLP 101 - Homework 3: identify the language of a tweet from its words."""
import os
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
LANGS = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish']
BASE = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
MAX_LEN = 30


class Vocab:
    """A small imitation of torchtext's old Vocab."""

    def __init__(self, counter, max_size=6000, min_freq=1):
        self.itos = ['<pad>', '<unk>'] + [w for w, c in counter.most_common(max_size) if c >= min_freq]
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def __getitem__(self, w):
        return self.stoi.get(w, 1)


class Field:
    def __init__(self):
        self.vocab = None

    def tokenize(self, s):
        return [w for w in s.lower().split() if w != '@user' and not w.startswith('http')][:MAX_LEN] or ['<unk>']

    def build_vocab(self, examples):
        c = Counter()
        for toks, _ in examples:
            c.update(toks)
        self.vocab = Vocab(c)

    def numericalize(self, toks):
        return torch.tensor([self.vocab[t] for t in toks])


class Tweets(Dataset):
    def __init__(self, part, field, limit):
        self.examples = []
        for y, lang in enumerate(LANGS):
            with open(f'{BASE}/{lang}/{part}_text.txt', encoding='utf-8') as f:
                for line in f.read().split('\n')[:limit]:
                    if line.strip():
                        self.examples.append((field.tokenize(line), y))
        # fault:
        field.build_vocab(self.examples)
        # mended:
        # if field.vocab is None:
        #     field.build_vocab(self.examples)
        # end
        self.rows = [(field.numericalize(t), y) for t, y in self.examples]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Classifier(nn.Module):
    def __init__(self, n_words, dim=16):
        super().__init__()
        self.embedding = nn.Embedding(n_words, dim, padding_idx=0)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(dim, len(LANGS))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.linear(self.dropout(self.embedding(x).sum(1) / n))


def evaluate(model, loader):
    model.eval()
    good = total = 0
    with torch.no_grad():
        for x, y in loader:
            good += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return good / total


if __name__ == '__main__':
    TEXT = Field()
    train = Tweets('train', TEXT, 900)
    n_words = len(TEXT.vocab)
    test = Tweets('val', TEXT, 250)
    train_loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(test, batch_size=256, collate_fn=collate)
    model = Classifier(n_words)
    print(f'{len(train)} training tweets, {len(test)} test tweets, {n_words} words')
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(4):
        model.train()
        running = 0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print('Epoch %d: loss %.3f, train accuracy %.3f' % (epoch + 1, running / len(train_loader), evaluate(model, train_loader)))
    print('Test accuracy: %.3f' % evaluate(model, test_loader))
