"""Raves and pans (IMDB, ten stars and one star): one run with a cyclic learning rate, a snapshot at the end of every cycle (Huang et al. 2017), and averaging over
random crops of each review at test time."""
import copy, csv, gzip, itertools, os, re, sys
import numpy as np
import torch
from torch import nn

csv.field_size_limit(sys.maxsize)
torch.manual_seed(77)
rs = np.random.RandomState(77)
D = os.environ['WORDFIT_DATA']
CROP, N_CROPS, CYCLES, PER_CYCLE = 120, 5, 3, 2


def glove():
    table, index = [np.zeros(50, np.float32)], {}
    for line in gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
        w, _, v = line.partition(' ')
        index[w] = len(table)
        table.append(np.array(v.split(), np.float32))
    return index, torch.tensor(np.stack(table))


index, table = glove()


def reviews(split, every):
    docs, ys = [], []
    with gzip.open(f'{D}/sentiment/imdb/{split}.tsv.gz', 'rt', encoding='utf8') as f:
        header = f.readline().rstrip('\n').split('\t')
        li, ti = header.index('rating'), header.index('text')
        for line in itertools.islice(f, 0, None, every):
            c = line.rstrip('\n').split('\t')
            if c[li] not in ('1', '10'):
                continue
            toks = [index[w] for w in re.findall(r"[a-z']+", c[ti].lower()) if index.get(w, 0) > 120][:220]     # no stop words
            if len(toks) >= 20:
                docs.append(np.array(toks))
                ys.append(int(c[li] == '10'))
    return docs, torch.tensor(ys)


tr_docs, tr_y = reviews('train', 3)
te_docs, te_y = reviews('test', 10)
print('reviews', len(tr_docs), len(te_docs), 'positive share %.2f %.2f' % (tr_y.float().mean(), te_y.float().mean()))


def crops(docs):
    """one random window from every document, as flat ids and offsets (no padding anywhere)"""
    parts = []
    for d in docs:
        s = rs.randint(0, max(1, len(d) - CROP + 1))
        parts.append(d[s:s + CROP])
    offs = np.cumsum([0] + [len(p) for p in parts[:-1]])
    return torch.from_numpy(np.concatenate(parts)), torch.from_numpy(offs)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = nn.EmbeddingBag.from_pretrained(table, mode='mean', freeze=True)
        self.peak = nn.EmbeddingBag.from_pretrained(table, mode='max', freeze=True)
        self.mlp = nn.Sequential(nn.BatchNorm1d(100), nn.Dropout(0.2), nn.Linear(100, 24), nn.ReLU(), nn.Linear(24, 2))

    def forward(self, flat, offs):
        return self.mlp(torch.cat([self.mean(flat, offs), self.peak(flat, offs)], 1))


net = Net()
opt = torch.optim.SGD(net.mlp.parameters(), lr=0.05, momentum=0.9, weight_decay=3e-3)
per_epoch = (len(tr_docs) + 63) // 64
cycle = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=PER_CYCLE * per_epoch)
snapshots = []


def averaged_probs(models, docs):
    total = 0
    with torch.no_grad():
        for _ in range(N_CROPS):
            batch = crops(docs)
            total = total + sum(m(*batch).softmax(1) for m in models)
    return total / (N_CROPS * len(models))


def acc(models, docs, y):
    return (averaged_probs(models, docs).argmax(1) == y).float().mean().item()


for c in range(CYCLES):
    net.train()
    for e in range(PER_CYCLE):
        losses = []
        for idx in torch.randperm(len(tr_docs)).split(64):
            if len(idx) < 2:
                continue
            loss = nn.functional.cross_entropy(net(*crops([tr_docs[i] for i in idx])), tr_y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            cycle.step()
            losses.append(loss.item())
    snapshots.append(copy.deepcopy(net).eval())
    print('cycle %d: last epoch loss %.3f, this snapshot on test %.3f' % (c + 1, np.mean(losses), acc(snapshots[-1:], te_docs, te_y)))

print('%d snapshots x %d crops: train %.3f  test %.3f' % (len(snapshots), N_CROPS, acc(snapshots, tr_docs[::4], tr_y[::4]), acc(snapshots, te_docs, te_y)))
