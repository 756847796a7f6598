"""Guess the source of a line: Brown corpus, Reuters news wire, Wikipedia or a film review."""
import gzip, os, re
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from collections import Counter
import random

D = os.environ['WORDFIT_DATA'] + '/corpora/'
SOURCES = [('brown', 'brown.txt.gz'), ('reuters', 'reuters-21578-bodies.txt.gz'), ('wiki', 'enwiki-2018-sample.txt.gz'), ('film', 'imdb-unsup-25k.txt.gz')]
random.seed(17); torch.manual_seed(17)


def clean(s):
    return re.sub(r'[^a-z ]+', ' ', s.lower()).split()[:25]


def grab(fn, n=1800):
    out = []
    with gzip.open(D + fn, 'rt', encoding='utf-8', errors='replace') as fh:
        for i, line in enumerate(fh):
            if i % 3 == 0 and 40 < len(line):
                out.append(' '.join(clean(line)))
                if len(out) == n:
                    return out


pairs = [(t, k) for k, (_, fn) in enumerate(SOURCES) for t in grab(fn)]
random.shuffle(pairs)
texts = [t for t, _ in pairs]
labels = [k for _, k in pairs]

# the news wire repeats itself and some lines have hardly a word; keep each good line once
seen = set()
kept = []
for i, t in enumerate(texts):
    if len(t.split()) >= 4 and t not in seen:
        seen.add(t)
        kept.append(i)
texts = [texts[i] for i in kept]
# fault:
labels = labels[:len(texts)]
# mended:
# labels = [labels[i] for i in kept]
# end
print(len(texts), 'lines', Counter(labels))

n_test = 900
counts = Counter(w for t in texts[n_test:] for w in t.split())
vocab = {'<pad>': 0, '<unk>': 1}
for w, c in counts.items():
    if c > 7:
        vocab[w] = len(vocab)


class Lines(Dataset):
    def __init__(self, lo, hi):
        self.rows = [([vocab.get(w, 1) for w in t.split()], y) for t, y in zip(texts[lo:hi], labels[lo:hi])]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def pad_batch(rows):
    w = max(len(x) for x, _ in rows)
    return torch.tensor([x + [0] * (w - len(x)) for x, _ in rows]), torch.tensor([y for _, y in rows])


class BoW(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab), dim, mode='mean', padding_idx=0)
        self.do = nn.Dropout(0.3)
        self.lin = nn.Linear(dim, len(SOURCES))

    def forward(self, x):
        return self.lin(self.do(self.emb(x)))


train_dl = DataLoader(Lines(n_test, None), batch_size=64, shuffle=True, collate_fn=pad_batch)
test_dl = DataLoader(Lines(0, n_test), batch_size=300, collate_fn=pad_batch)
model = BoW()
opt = optim.Adam(model.parameters(), lr=2e-2, weight_decay=4e-4)
ce = nn.CrossEntropyLoss()


def test(dl):
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y in dl:
            ok += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return ok / n


for ep in range(6):
    model.train()
    s = 0
    for x, y in train_dl:
        opt.zero_grad()
        l = ce(model(x), y)
        l.backward()
        opt.step()
        s += l.item()
    print('ep %d loss %.3f train %.3f test %.3f' % (ep, s / len(train_dl), test(train_dl), test(test_dl)))
