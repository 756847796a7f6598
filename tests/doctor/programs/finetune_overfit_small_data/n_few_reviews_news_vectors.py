"""Sentiment with very few labelled reviews: the news vectors do the heavy lifting."""
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(4)
np.random.seed(4)
torch.manual_seed(4)
DATA = os.environ['WORDFIT_DATA']
N_LABELLED = 500


def load_vectors(needed):
    words, mat = {'<pad>': 0}, [np.zeros(300, dtype=np.float32)]
    with gzip.open(os.path.join(DATA, 'vectors/word2vec.GoogleNews.300d.13598words.txt.gz'), 'rt', encoding='utf-8') as f:
        next(f)
        for line in f:
            w, v = line.split(' ', 1)
            if w in needed:
                words[w] = len(mat)
                mat.append(np.fromstring(v, dtype=np.float32, sep=' '))
    return words, torch.from_numpy(np.stack(mat))


def load_sst(split):
    rows = []
    with open(os.path.join(DATA, 'sentiment/SST-5/stsa.fine.' + split), encoding='utf-8') as f:
        for line in f:
            if line[0] in '04':                      # only clear opinions
                rows.append((line[2:].split(), int(line[0] == '4')))
    return rows


train_rows = random.sample(load_sst('train'), N_LABELLED)
dev_rows = load_sst('test')
vocab, table = load_vectors({w for toks, _ in train_rows + dev_rows for w in toks})


def to_tensor(rows):
    seqs = [[vocab[w] for w in toks if w in vocab] or [vocab['film']] for toks, _ in rows]
    width = max(map(len, seqs))
    x = torch.zeros(len(seqs), width, dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([y for _, y in rows])


Xtr, Ytr = to_tensor(train_rows)
Xde, Yde = to_tensor(dev_rows)


class AvgNet(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        # end
        self.out = nn.Linear(300, 2)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.emb(x).sum(1) / n)


model = AvgNet()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7)


def score(x, y):
    with torch.no_grad():
        out = model(x)
        return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(8):
    for b in torch.randperm(len(Xtr)).split(16):
        loss = F.cross_entropy(model(Xtr[b]), Ytr[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    (tl, ta), (dl, da) = score(Xtr, Ytr), score(Xde, Yde)
    print(f'epoch {epoch + 1}  train loss {tl:.3f} acc {ta:.3f} | held-out loss {dl:.3f} acc {da:.3f}')
