# -*- coding: utf-8 -*-
# Exported from the notebook "catalogue thumbs"
# Long viewer reviews, vectors from GloVe held fixed on purpose: the catalogue team shares them between models.

# In[1]:
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split

base = os.environ['WORDFIT_DATA']
torch.manual_seed(101)

# In[2]:
vocab, vecs = {'<pad>': 0}, [np.zeros(50, dtype='f4')]
with gzip.open(f'{base}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.rstrip('\n').split(' ', 1)
        vocab[w] = len(vecs)
        vecs.append(np.array(rest.split(' '), dtype='f4'))
vecs = torch.from_numpy(np.stack(vecs))
vecs[1:] = (vecs[1:] - vecs[1:].mean(0)) / vecs[1:].std(0)

# In[3]:
LEN = 200
ids, thumbs, seen = [], [], set()
with gzip.open(f'{base}/sentiment/imdb/train.tsv.gz', 'rt', encoding='utf-8') as f:
    for n, line in enumerate(f):
        if n % 5:
            continue
        label, rating, _, text = line.rstrip('\n').split('\t')[:4]
        if rating not in ('1', '2', '3', '4', '7', '8', '9', '10'):
            continue
        known = [vocab[w] for w in re.findall(r"[a-z]+|[!?]", text.lower().replace('<br />', ' ')) if w in vocab]
        row = tuple(known[-LEN:])                      # the verdict mostly stands at the end
        if len(row) < 20 or row in seen:
            continue
        seen.add(row)
        ids.append(row)
        thumbs.append(1.0 if int(rating) > 5 else 0.0)
print(len(ids), 'reviews', 'thumbs up %.3f' % np.mean(thumbs))

x = torch.zeros(len(ids), LEN, dtype=torch.long)
for i, r in enumerate(ids):
    x[i, :len(r)] = torch.tensor(r)
ds = TensorDataset(x, torch.tensor(thumbs))
train_ds, held_ds = random_split(ds, [len(ds) - 1000, 1000], generator=torch.Generator().manual_seed(1))


# In[4]:
class Thumbs(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.weigh = nn.Linear(vectors.size(1), 4)
        self.drop = nn.Dropout(0.5)
        self.top = nn.Linear(4 * vectors.size(1), 1)

    def forward(self, x):
        e = self.words(x)
        a = self.weigh(e).masked_fill((x == 0).unsqueeze(-1), -1e9).softmax(1)
        pooled = a.transpose(1, 2) @ e
        return self.top(self.drop(pooled.flatten(1))).squeeze(1)


net = Thumbs(vecs)
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam([net.weigh.weight, net.weigh.bias, net.top.weight, net.top.bias], lr=4e-3)

# In[5]:
def look(dataset):
    net.eval()
    with torch.no_grad():
        parts = [(net(a), b) for a, b in DataLoader(dataset, batch_size=500)]
    z, t = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return crit(z, t).item(), ((z > 0).float() == t).float().mean().item()

for epoch in range(6):
    net.train()
    for a, b in DataLoader(train_ds, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = crit(net(a), b)
        loss.backward()
        opt.step()
    print('epoch', epoch + 1, 'train %.3f %.3f' % look(train_ds), 'held out %.3f %.3f' % look(held_ds))
