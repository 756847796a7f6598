#!/usr/bin/env python3
# Which encoder for short film reviews?  average / convolution / GRU, all on the same frozen word2vec vectors.
import os, gzip, time
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

ROOT = os.environ['WORDFIT_DATA']
torch.manual_seed(11)
rng = np.random.default_rng(11)

def read(split):
    out = []
    for l in open(f'{ROOT}/sentiment/SST-2-sentences/stsa.binary.{split}', encoding='utf-8'):
        out.append((l[2:].split(), int(l[0])))
    return out

train, dev, test = read('train')[::2], read('dev'), read('test')

vocab = {}
for toks, _ in train + dev + test:
    for t in toks: vocab.setdefault(t, len(vocab) + 2)         # 0 pad, 1 unknown
table = torch.zeros(len(vocab) + 2, 300)
found = torch.zeros(len(vocab) + 2, dtype=torch.bool)
with gzip.open(f'{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    f.readline()
    for l in f:
        i = l.index(' ')
        j = vocab.get(l[:i])
        if j is not None:
            table[j] = torch.from_numpy(np.fromstring(l[i:], dtype=np.float32, sep=' '))
            found[j] = True
# squeeze to 64 columns by PCA so that everything is fast on a laptop
mu = table[found].mean(0)
C = (table[found] - mu).T @ (table[found] - mu)
V = torch.linalg.eigh(C).eigenvectors.flip(1)
small = torch.zeros(len(table), 64)
small[found] = (table[found] - mu) @ V[:, :64]
small /= small[found].std()
remap = torch.where(found, torch.arange(len(table)), torch.ones(len(table), dtype=torch.long))  # no vector -> row 1
print(f'{int(found.sum())}/{len(vocab)} words with vectors')

def encode(data):
    return [(remap[torch.tensor([vocab[t] for t in toks])], y) for toks, y in data]

train, dev, test = map(encode, (train, dev, test))

def batches(data, size, shuffle):
    order = rng.permutation(len(data)) if shuffle else np.arange(len(data))
    length = np.array([len(data[i][0]) for i in order])
    # rows of like length go together: sort within blocks of ten batches, then shuffle the batches
    chunks = []
    for k in range(0, len(order), 10 * size):
        block = order[k:k + 10 * size][np.argsort(length[k:k + 10 * size])]
        chunks += [block[i:i + size] for i in range(0, len(block), size)]
    for c in (rng.permutation(len(chunks)) if shuffle else range(len(chunks))):
        rows = [data[i] for i in chunks[c]]
        ids = [r[0] for r in rows]
        yield (pad_sequence(ids, batch_first=True), torch.tensor([len(i) for i in ids]), torch.tensor([y for _, y in rows]))

class Average(nn.Module):
    width = 64
    def forward(self, e, n, mask):
        return (e * mask.unsqueeze(-1)).sum(1) / n.unsqueeze(1)

class Conv(nn.Module):
    width = 24
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(64, 24, 3, padding=1)
    def forward(self, e, n, mask):
        h = torch.relu(self.conv((e * mask.unsqueeze(-1)).transpose(1, 2)))
        return h.masked_fill(~mask.unsqueeze(1), 0.).amax(2)   # relu >= 0, so zeros never win

class Recurrent(nn.Module):
    width = 24
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(64, 24, batch_first=True)
    def forward(self, e, n, mask):
        _, h = self.gru(pack_padded_sequence(e, n, batch_first=True, enforce_sorted=False))
        return h[-1]

class Classifier(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(small, padding_idx=0)
        self.encoder, self.drop, self.out = encoder, nn.Dropout(.4), nn.Linear(encoder.width, 2)
    def forward(self, x, n):
        mask = torch.arange(x.size(1)) < n[:, None]
        return self.out(self.drop(self.encoder(self.emb(x), n, mask)))

def score(model, data):
    model.eval(); ok = 0
    with torch.no_grad():
        for x, n, y in batches(data, 256, False): ok += (model(x, n).argmax(1) == y).sum().item()
    return ok / len(data)

results = {}
for enc, lr, epochs in ((Average, 3e-2, 2), (Conv, 3e-3, 2), (Recurrent, 1e-2, 2)):
    t0 = time.process_time()
    model = Classifier(enc())
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=lr)
    steps = epochs * ((len(train) + 63) // 64)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(.05, 1 - s / steps))
    for ep in range(epochs):
        model.train(); s = 0.
        for x, n, y in batches(train, 64, True):
            loss = nn.functional.cross_entropy(model(x, n), y)
            opt.zero_grad(); loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.)
            opt.step(); sched.step(); s += loss.item() * len(y)
        print(f'{enc.__name__:10s} epoch {ep} loss {s/len(train):.4f}')
    results[enc.__name__] = (s / len(train), score(model, dev), score(model, test), time.process_time() - t0)
for k, v in sorted(results.items(), key=lambda kv: -kv[1][1]):
    print(f'{k:10s} train loss {v[0]:.4f} dev {v[1]:.4f} test {v[2]:.4f}  {v[3]:.1f}s')
