# Which kind of word is it? A probe on GloVe vectors; part of the words is held out.
import gzip, os
import numpy as np
import torch
from torch import nn

np.random.seed(0)
torch.manual_seed(0)
data = os.environ['WORDFIT_DATA']

KINDS = {'gram1-adjective-to-adverb': ('modifier', 'modifier'), 'gram6-nationality-adjective': ('geography', 'geography'),
         'gram7-past-tense': ('verb', 'verb'), 'gram8-plural': ('noun', 'noun')}
kind_of, current = {}, None
with open(f'{data}/wordsim/analogy/questions-words.txt') as f:
    for line in f:
        if line[0] == ':':
            current = KINDS.get(line[2:].strip())
        elif current:
            for k, w in enumerate(line.lower().split()):
                kind_of.setdefault(w, current[k % 2])

words, rows = [], []
with gzip.open(f'{data}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.split(' ', 1)
        words.append(w)
        rows.append(np.array(rest.split(), dtype=np.float32))
# fault:
HIDDEN = 64
table = np.resize(np.stack(rows), (len(words), HIDDEN))
# mended:
# HIDDEN = 64
# table = np.stack(rows)
# end
row_of = {w: i for i, w in enumerate(words)}
labels = sorted(set(kind_of.values()))
items = [(row_of[w], labels.index(k)) for w, k in kind_of.items() if w in row_of]
np.random.shuffle(items)
items = torch.tensor(np.array(items))
half = int(len(items) * .6)
train, test = items[:half], items[half:]
print(len(train), 'train words', len(test), 'test words', len(labels), 'kinds; most frequent kind',
      round(np.bincount(test[:, 1]).max() / len(test), 3))


class Probe(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.tensor(vectors))
        self.net = nn.Sequential(nn.Linear(vectors.shape[1], HIDDEN), nn.ReLU(), nn.Dropout(.3), nn.Linear(HIDDEN, len(labels)))

    def forward(self, w):
        return self.net(self.lookup(w))


probe = Probe(table)
opt = torch.optim.AdamW(probe.net.parameters(), lr=5e-3, weight_decay=.05)
loss_fn = nn.CrossEntropyLoss()


def acc(part):
    probe.eval()
    with torch.no_grad():
        return (probe(part[:, 0]).argmax(-1) == part[:, 1]).float().mean().item()


for epoch in range(1, 9):
    probe.train()
    total = 0
    for b in torch.randperm(len(train)).split(16):
        loss = loss_fn(probe(train[b, 0]), train[b, 1])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    if epoch % 2 == 0:
        print(f'epoch {epoch} loss {total / len(train):.4f} train acc {acc(train):.3f} test acc {acc(test):.3f}')
