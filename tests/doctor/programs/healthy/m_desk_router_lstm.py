# -*- coding: utf-8 -*-
# Which desk gets the sentence: film, product, finance or tweet? GloVe fixed, small LSTM + max over time.
import gzip, os, random, re
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SEED = 1234
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ['WORDFIT_DATA']
HID, BATCH, EPOCHS = 24, 50, 4


def lines(*parts, enc='utf-8'):
    with open(os.path.join(DATA, 'sentiment', *parts), encoding=enc) as f:
        return [l.strip() for l in f if l.strip()]


DESKS = ['film', 'product', 'finance', 'tweet']
texts = {'film': lines('MR', 'rt-polarity.pos', enc='latin-1') + lines('MR', 'rt-polarity.neg', enc='latin-1'),
         'product': lines('CR', 'custrev.pos', enc='latin-1') + lines('CR', 'custrev.neg', enc='latin-1'),
         'finance': [l.rsplit('@', 1)[0] for l in lines('financial-phrasebank', 'Sentences_50Agree.txt')],
         'tweet': lines('tweeteval', 'emotion', 'train_text.txt')}
data = []
for k, name in enumerate(DESKS):
    pool = sorted({' '.join(re.findall(r"[a-z]+|[!?.,]|'[a-z]+", t.lower())) for t in texts[name]})
    pool = [t.split()[:20] for t in pool if len(t.split()) >= 6]
    data += [(t, k) for t in random.sample(pool, 900)]
random.shuffle(data)
train, dev = data[:2900], data[2900:]

wanted = {w for t, _ in train + dev for w in t}
word2idx, rows = {'<pad>': 0, '<unk>': 1}, [[0.0] * 50, None]
with gzip.open(os.path.join(DATA, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.split(' ', 1)
        if w in wanted:
            word2idx[w] = len(rows)
            rows.append([float(v) for v in rest.split()])
rows[1] = np.mean(rows[2:], axis=0).tolist()
matrix = torch.tensor(rows)
print('%d words have a vector; coverage of dev %.3f' % (
    len(rows) - 2, np.mean([w in word2idx for t, _ in dev for w in t])))


def to_batch(items):
    items = sorted(items, key=lambda s: -len(s[0]))
    lens = [len(t) for t, _ in items]
    x = torch.zeros(len(items), lens[0], dtype=torch.long)
    for i, (t, _) in enumerate(items):
        x[i, :len(t)] = torch.tensor([word2idx.get(w, 1) for w in t])
    return x, lens, torch.tensor([l for _, l in items])


class RouterLSTM(nn.Module):
    def __init__(self, weights):
        super(RouterLSTM, self).__init__()
        self.embedding = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(weights.shape[1], HID, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(HID, len(DESKS))

    def forward(self, x, lens):
        e = self.dropout(self.embedding(x))
        packed = pack_padded_sequence(e, lens, batch_first=True)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, padding_value=-1e4)
        return self.fc(self.dropout(out.max(dim=1)[0]))      # padding can never be the maximum


model = RouterLSTM(matrix)
optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3)
scheduler = optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
criterion = nn.CrossEntropyLoss()


def evaluate(items):
    model.eval()
    good = 0
    with torch.no_grad():
        items = sorted(items, key=lambda s: len(s[0]))
        for i in range(0, len(items), 200):
            x, lens, y = to_batch(items[i:i + 200])
            good += (model(x, lens).argmax(1) == y).sum().item()
    return good / len(items)


for epoch in range(EPOCHS):
    model.train()
    # sentences of like length together, batches in random order
    order = sorted(train, key=lambda s: len(s[0]) + random.random() * 2)
    groups = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
    random.shuffle(groups)
    total = 0.
    for g in groups:
        x, lens, y = to_batch(g)
        optimizer.zero_grad()
        loss = criterion(model(x, lens), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(lens)
    scheduler.step()
    print('Epoch: %d | loss %.3f | train acc %.3f | dev acc %.3f' % (epoch + 1, total / len(train), evaluate(train[:1000]), evaluate(dev)))
print('largest desk %.3f' % (np.bincount([l for _, l in dev]).max() / len(dev)))
