# Which language is this tweet in?  fastText-style: hashed character 2- and 3-grams, one EmbeddingBag that is at the
# same time the classifier (embedding dim == number of languages), sparse gradients. Nothing else.
import os, re, zlib
import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
LANGS = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish']
BUCKETS = 1 << 15
gen = torch.Generator().manual_seed(3)
torch.manual_seed(3)


def grams(text):
    text = re.sub(r'https?\S*|@\S+|#\S+', ' ', text.lower())
    text = '_' + '_'.join(re.findall(r'[^\W\d_]+', text)) + '_'
    return [zlib.crc32(text[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(text) - n + 1)]


def load(split, cap):
    feats, ys = [], []
    for y, lang in enumerate(LANGS):
        with open(f'{ROOT}/{lang}/{split}_text.txt', encoding='utf-8') as fh:
            n = 0
            for line in fh:
                g = grams(line)
                if len(g) < 20:
                    continue        # "@user lol"
                feats.append(np.array(g)); ys.append(y); n += 1
                if n == cap:
                    break
    return feats, torch.tensor(ys)


def batches(feats, ys, size, order):
    for idx in order.split(size):
        rows = [feats[i] for i in idx.tolist()]
        offsets = np.cumsum([0] + [len(r) for r in rows[:-1]])
        yield torch.from_numpy(np.concatenate(rows)), torch.from_numpy(offsets), ys[idx]


Xtr, ytr = load('train', 700)
Xva, yva = load('val', 150)
print(len(ytr), 'train tweets', len(yva), 'val tweets')

table = torch.zeros(BUCKETS, len(LANGS)).normal_(0, 1e-3, generator=gen)
bag = torch.nn.EmbeddingBag.from_pretrained(table, freeze=False, mode='mean', sparse=True)
opt = torch.optim.SparseAdam(list(bag.parameters()), lr=0.08)


def evaluate(X, y):
    hit, nll = 0, 0.
    with torch.inference_mode():
        for ids, off, t in batches(X, y, 500, torch.arange(len(y))):
            z = bag(ids, off)
            hit += (z.argmax(1) == t).sum().item()
            nll += F.cross_entropy(z, t, reduction='sum').item()
    return hit / len(y), nll / len(y)


for ep in range(4):
    for g in opt.param_groups:
        g['lr'] = 0.08 * (1 - ep / 4)
    for ids, off, t in batches(Xtr, ytr, 64, torch.randperm(len(ytr), generator=gen)):
        opt.zero_grad()
        F.cross_entropy(bag(ids, off), t).backward()
        opt.step()
    print('epoch %d   train acc %.4f nll %.4f | val acc %.4f nll %.4f' % (ep, *evaluate(Xtr, ytr), *evaluate(Xva, yva)))
