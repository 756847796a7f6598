'''Which language is this?  Hashed character trigrams, fastText style (English, German, French, Czech).'''
import gzip
import os
import zlib
from itertools import islice
import torch
from torch import nn

torch.manual_seed(42)
BUCKETS = 1 << 15
LANGS = ['en', 'de', 'fr', 'cs']
folder = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')


def trigrams(text):
    text = '<' + text.strip().lower() + '>'
    return [zlib.crc32(text[i:i + 3].encode('utf8')) % BUCKETS for i in range(len(text) - 2)]


def load(part, n):
    out = []
    for label, lang in enumerate(LANGS):
        with gzip.open(os.path.join(folder, f'{part}.{lang}.gz'), 'rt', encoding='utf8') as f:
            # short snippets, otherwise it is too easy
            out += [(line.strip()[-18:-2], label) for line in islice(f, n) if len(line) > 25]
    return out


def batches(data, size, shuffle):
    order = torch.randperm(len(data)).tolist() if shuffle else range(len(data))
    order = list(order)
    for i in range(0, len(order), size):
        part = [data[j] for j in order[i:i + size]]
        lengths = torch.tensor([len(ids) for ids, _ in part])
        flat = torch.tensor([g for ids, _ in part for g in ids])
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
        yield flat, offsets, torch.tensor([y for _, y in part])


train = load('train', 900)
known = {text for text, _ in train}
valid = [row for row in load('val', 250) if row[0] not in known]
train = [(trigrams(text), y) for text, y in train]
valid = [(trigrams(text), y) for text, y in valid]

table = nn.EmbeddingBag(BUCKETS, 16, mode='mean', sparse=True)
head = nn.Linear(16, len(LANGS))
criterion = nn.CrossEntropyLoss()
# fault:
optimizers = [torch.optim.RMSprop([*table.parameters(), *head.parameters()], lr=0.01)]
# mended:
# optimizers = [torch.optim.SparseAdam(table.parameters(), lr=0.01), torch.optim.RMSprop(head.parameters(), lr=0.01)]
# end

for epoch in range(4):
    seen = loss_sum = 0
    for flat, offsets, y in batches(train, 48, True):
        loss = criterion(head(table(flat, offsets)), y)
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        loss_sum += loss.item() * len(y)
        seen += len(y)
    with torch.no_grad():
        right = sum((head(table(f, o)).argmax(1) == y).sum().item() for f, o, y in batches(valid, 200, False))
    print(f'epoch {epoch}: loss {loss_sum / seen:.4f}  valid accuracy {right / len(valid):.4f}')
