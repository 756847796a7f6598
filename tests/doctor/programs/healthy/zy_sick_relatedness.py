"""SICK semantic relatedness, after Tai, Socher & Manning (2015): the score 1..5 is turned into a distribution over
five bins and the model is trained with KL divergence.  Sentence = learned weighting of frozen GloVe vectors."""
import csv, gzip, os, re
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.stats import pearsonr, spearmanr

DATA = os.environ['WORDFIT_DATA']


class Vocab:
    def __init__(self, path, dim):
        self.index, vecs = {}, [np.zeros(dim, 'f4')]
        for line in gzip.open(path, 'rt', encoding='utf8'):
            parts = line.rstrip('\n').split(' ')
            self.index[parts[0]] = len(vecs)
            vecs.append(np.array(parts[1:], 'f4'))
        self.vectors = torch.tensor(np.stack(vecs))

    def encode(self, s):
        return [self.index[w] for w in re.findall(r"[a-z]+|'s", s.lower()) if w in self.index]


def read(fn, vocab):
    rows = []
    with open(os.path.join(DATA, 'glue', 'SICK', fn), encoding='utf8') as f:
        for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            rows.append((vocab.encode(r['sentence_A']), vocab.encode(r['sentence_B']), float(r['relatedness_score'])))
    return rows


def to_bins(s):
    t = torch.zeros(len(s), 5)
    for i, v in enumerate(s):
        lo = min(int(np.floor(v)), 4)
        t[i, lo - 1] = lo + 1 - v
        t[i, lo] = v - lo
    return t


def pad(seqs):
    return nn.utils.rnn.pad_sequence([torch.tensor(s) for s in seqs], batch_first=True)


class Sim(nn.Module):
    def __init__(self, vectors, h=30):
        super().__init__()
        self.register_buffer('table', vectors)
        self.weigh = nn.Linear(vectors.size(1), 1)
        self.wh = nn.Linear(2 * vectors.size(1) + 2, h)
        self.wp = nn.Linear(h, 5)
        self.drop = nn.Dropout(0.25)

    def sentence(self, ids):
        e, mask = self.table[ids], (ids > 0).float().unsqueeze(-1)
        w = torch.sigmoid(self.weigh(e)) * mask
        return (w * e).sum(1) / w.sum(1).clamp(min=1e-6)

    def forward(self, a, b):
        same = ((a.unsqueeze(2) == b.unsqueeze(1)) & (a > 0).unsqueeze(2)).any(2).sum(1)   # words of a that b has
        share = same / (a > 0).sum(1)
        u, v = self.sentence(a), self.sentence(b)
        f = torch.cat([u * v, (u - v).abs(), 3 * F.cosine_similarity(u, v, dim=1).unsqueeze(1), 3 * share.unsqueeze(1)], 1)
        return F.log_softmax(self.wp(torch.tanh(self.wh(self.drop(f)))), dim=1)


def predict(model, rows):
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(pad([r[0] for r in c]), pad([r[1] for r in c])).exp() @ torch.arange(1., 6.)
                       for c in (rows[i:i + 500] for i in range(0, len(rows), 500))])
    return p.numpy(), np.array([r[2] for r in rows])


if __name__ == '__main__':
    torch.manual_seed(12)
    rng = np.random.default_rng(12)
    vocab = Vocab(DATA + '/vectors/glove.6B.50d.top10361.txt.gz', 50)
    train, trial, test = (read('SICK_%s.txt' % s, vocab) for s in ('train', 'trial', 'test_annotated'))
    model = Sim(vocab.vectors)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
    for epoch in range(5):
        model.train()
        kl = 0.
        for ix in np.array_split(rng.permutation(len(train)), 45):
            chunk = [train[i] for i in ix]
            loss = F.kl_div(model(pad([r[0] for r in chunk]), pad([r[1] for r in chunk])),
                            to_bins([r[2] for r in chunk]), reduction='batchmean')
            opt.zero_grad(); loss.backward(); opt.step()
            kl += loss.item() / 45
        sched.step()
        p, y = predict(model, trial)
        print('epoch %d kl %.4f trial pearson %.4f' % (epoch, kl, pearsonr(p, y)[0]))
    for name, rows in (('train', train), ('test', test)):
        p, y = predict(model, rows)
        print('%-5s pearson %.4f spearman %.4f mse %.4f (constant %.4f)' % (name, pearsonr(p, y)[0], spearmanr(p, y)[0], ((p - y) ** 2).mean(), y.var()))
