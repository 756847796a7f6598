# Sentiment of review sentences (Rotten Tomatoes), unit-length word2vec, linear layer + tanh on the mean word.
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

SEED = 5
random.seed(SEED); torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)
DATA = os.environ['WORDFIT_DATA']
DIM = 300

samples = []
for name, lab in (('pos', 1.), ('neg', 0.)):
    with open(f'{DATA}/sentiment/MR/rt-polarity.{name}', encoding='latin-1') as f:
        samples += [(l.split(), lab) for l in f]
random.shuffle(samples)
train, dev = samples[:7000], samples[7000:8500]

seen = {w for s, _ in train + dev for w in s}
w2v = {}
with gzip.open(DATA + '/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    next(f)
    for line in f:
        w, rest = line.split(' ', 1)
        if w in seen:
            v = np.array(rest.split(), dtype=np.float32)
            w2v[w] = v / np.linalg.norm(v)        # only the direction is of use here

itos = ['<pad>'] + sorted(seen)
stoi = {w: i for i, w in enumerate(itos)}
table = np.zeros((len(itos), DIM), dtype=np.float32)
missing = 0
for w, i in stoi.items():
    if w in w2v:
        table[i] = w2v[w]
    elif i > 0:
        # fault:
        table[i] = rng.normal(size=DIM)
        # mended:
        # table[i] = rng.normal(size=DIM) / np.sqrt(DIM)
        # end
        missing += 1
print('words %d, not in the vectors %d' % (len(itos), missing))


def collate(batch):
    n = max(len(s) for s, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for r, (s, _) in enumerate(batch):
        x[r, :len(s)] = torch.tensor([stoi[w] for w in s])
    return x, torch.tensor([l for _, l in batch])


class MeanNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 40), nn.Tanh(), nn.Linear(40, 1))

    def forward(self, x):
        m = (x > 0).float()
        mean = (self.words(x) * m[..., None]).sum(1) / m.sum(1, keepdim=True)
        return self.net(mean * 4).squeeze(1)


model = MeanNet()
optimizer = torch.optim.Adam(model.net.parameters(), lr=0.003)
criterion = nn.BCEWithLogitsLoss()
loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
xd, yd = collate(dev)
xt, yt = collate(train[:1500])
for epoch in range(1, 6):
    model.train()
    s = 0.
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        s += loss.item()
    for grp in optimizer.param_groups:
        grp['lr'] *= 0.6
    model.eval()
    with torch.no_grad():
        acc = lambda a, b: ((model(a) > 0) == (b > 0.5)).float().mean().item()
        print('epoch %d loss %.4f train acc %.3f dev acc %.3f' % (epoch, s / len(loader), acc(xt, yt), acc(xd, yd)))
