import os
import random
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

# Which of eight languages is a tweet written in?  Hashed character n-grams, two layers.

SEED = 2021
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
LANGS = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish', 'hindi', 'arabic']
BUCKETS = 4096


def read_lines(lang, part, limit):
    with open(os.path.join(ROOT, lang, part + '_text.txt'), encoding='utf-8') as f:
        lines = [' '.join(w for w in l.lower().split() if w[0] not in '@#' and not w.startswith('http')) for l in f]
    return [l[:100] for l in lines if len(l) > 15][:limit]


def ngrams(text):
    text = ' ' + text + ' '
    grams = [text[i:i + n] for n in (2, 3) for i in range(len(text) - n + 1)]
    return [zlib.crc32(g.encode('utf-8')) % BUCKETS for g in grams]


def dataset(part, limit):
    rows = [(ngrams(l), k) for k, lang in enumerate(LANGS) for l in read_lines(lang, part, limit)]
    random.shuffle(rows)
    return rows


def collate(rows):
    flat = torch.tensor([g for r, _ in rows for g in r])
    offsets = torch.tensor(np.cumsum([0] + [len(r) for r, _ in rows[:-1]]))
    return flat, offsets, torch.tensor([y for _, y in rows])


class LangNet(nn.Module):
    def __init__(self, dim=32, hidden=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode='mean')
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, len(LANGS))

    def forward(self, flat, offsets):
        x = F.relu(self.fc1(self.drop(self.bag(flat, offsets))))
        # fault:
        return F.softmax(self.fc2(x), dim=1)
        # mended:
        # return self.fc2(x)
        # end


train, val = dataset('train', 600), dataset('val', 120)
model = LangNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
EPOCHS, BS = 5, 50
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=EPOCHS * len(train) // BS)


def evaluate(rows):
    model.eval()
    with torch.no_grad():
        flat, off, y = collate(rows)
        out = model(flat, off)
        return criterion(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), BS):
        flat, off, y = collate(train[i:i + BS])
        optimizer.zero_grad()
        loss = criterion(model(flat, off), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        running += loss.item() * len(y)
    vl, va = evaluate(val)
    print('epoch %d  train loss %.3f  val loss %.3f  val acc %.3f' % (epoch + 1, running / len(train), vl, va))
print('train acc %.3f' % evaluate(train[:1000])[1])
