# tweet emotion (anger / joy / optimism / sadness), Twitter GloVe 25d, BiLSTM-less baseline: bag + small MLP
import gzip
import os
import re
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
HOME = os.environ['WORDFIT_DATA']


def tweets(split):
    d = f'{HOME}/sentiment/tweeteval/emotion/{split}'
    text = open(d + '_text.txt', encoding='utf-8').read().split('\n')
    lab = open(d + '_labels.txt').read().split()
    return [(re.findall(r"[a-z']+|[^\w\s@#]", t.lower().replace('@user', ' ')), int(l)) for t, l in zip(text, lab)]


def read_glove(path):
    words, values = [], []
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        for line in f:
            p = line.rstrip().split(' ')
            words.append(p[0])
            values.append(p[1:])
    return words, np.array(values, dtype=np.float64)


def embedding_for(vocab, path):
    words, mat = read_glove(path)
    mat = (mat - mat.mean(0)) / mat.std(0)                # all columns on one scale
    row = {w: i for i, w in enumerate(words)}
    have = [(i, row[w]) for w, i in vocab.items() if w in row]
    dst, src = map(list, zip(*have))
    found = torch.from_numpy(mat[src]).float() * 0.4
    print(f'{len(have)} of {len(vocab)} words have a vector')
    del mat
    # fault:
    table = torch.empty(len(vocab), 25)
    # mended:
    # table = torch.randn(len(vocab), 25) * 0.4
    # end
    table[dst] = found
    table[0] = 0
    return table


train, test = tweets('train'), tweets('test')
seen = {' '.join(t) for t, _ in train}
test = [(t, y) for t, y in test if ' '.join(t) not in seen and t]
train = [(t, y) for t, y in train if t]
count = {}
for t, _ in train:
    for w in t:
        count[w] = count.get(w, 0) + 1
vocab = {'<pad>': 0, '<unk>': 1}
for w, n in count.items():
    if n >= 2:
        vocab[w] = len(vocab)
table = embedding_for(vocab, f'{HOME}/vectors/glove.twitter.27B.25d.common11925.txt.gz')


def batchify(rows):
    L = 40
    x = torch.zeros(len(rows), L, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids = [vocab.get(w, 1) for w in t[:L]]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.att = nn.Linear(25, 1)
        self.mlp = nn.Sequential(nn.Dropout(0.4), nn.Linear(25, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 4))

    def forward(self, x):
        e = self.emb(x)
        a = self.att(e).squeeze(2).masked_fill(x == 0, -1e4).softmax(1)
        return self.mlp((e * a.unsqueeze(2)).sum(1))


xa, ya = batchify(train)
xb, yb = batchify(test)
net = Net()
opt = torch.optim.Adam([{'params': net.emb.parameters(), 'lr': 2e-3}, {'params': list(net.att.parameters()) + list(net.mlp.parameters()), 'lr': 5e-3}])
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)
ce = nn.CrossEntropyLoss()
print('majority', (yb == ya.mode()[0]).float().mean().item())
for ep in range(7):
    net.train()
    tot = 0
    for i in torch.randperm(len(xa)).split(32):
        opt.zero_grad()
        l = ce(net(xa[i]), ya[i])
        l.backward()
        opt.step()
        tot += l.item() * len(i)
    sch.step()
    net.eval()
    with torch.no_grad():
        acc = [(net(x).argmax(1) == y).float().mean().item() for x, y in ((xa, ya), (xb, yb))]
    print(f'{ep} loss {tot / len(xa):.4f} train {acc[0]:.3f} test {acc[1]:.3f}')
