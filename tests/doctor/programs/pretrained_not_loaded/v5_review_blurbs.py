# Do one-line film reviews recommend the film? Small labelled set, so the word vectors stay fixed and only the top is fitted.
import gzip, os, random
import torch, torch.nn as nn
from collections import Counter

ROOT = os.environ['WORDFIT_DATA']
random.seed(5); torch.manual_seed(5)


def read(name, limit):
    rows = []
    for l in open(f'{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}', encoding='utf-8'):
        rows.append((l[2:].split(), int(l[0])))
    random.shuffle(rows)
    return rows[:limit]


train_rows, dev_rows = read('train', 5000), read('dev', 872)
counts = Counter(w for ws, _ in train_rows + dev_rows for w in ws)
vectors = {}
with gzip.open(f'{ROOT}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for l in f:
        w, *v = l.split()
        if w in counts and len(v) == 50:
            vectors[w] = [float(x) for x in v]
words = sorted(vectors)                                   # words without a vector are left out of the text
ids = {w: i for i, w in enumerate(words)}
matrix = torch.tensor([vectors[w] for w in words])
print(len(words), 'words with vectors')


class Blurb(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.lookup = nn.EmbeddingBag(n_words, dim, mode='mean')
        self.top = nn.Sequential(nn.Linear(dim, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))

    def forward(self, flat, offsets):
        return self.top(self.lookup(flat, offsets)).squeeze(1)


def batch(rows):
    seqs = [[ids[w] for w in ws if w in ids] for ws, _ in rows]
    keep = [(s, r[1]) for s, r in zip(seqs, rows) if s]
    flat, off = [], []
    for s, _ in keep:
        off.append(len(flat)); flat += s
    return torch.tensor(flat), torch.tensor(off), torch.tensor([float(y) for _, y in keep])


net = Blurb(len(words), 50)
# fault:
net.load_state_dict({'embedding.weight': matrix}, strict=False)
# mended:
# net.load_state_dict({'lookup.weight': matrix}, strict=False)
# end
net.lookup.weight.requires_grad_(False)

opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
bce = nn.BCEWithLogitsLoss()


def check(rows):
    net.eval()
    with torch.no_grad():
        flat, off, y = batch(rows)
        z = net(flat, off)
    net.train()
    return bce(z, y).item(), ((z > 0).float() == y).float().mean().item()


for ep in range(6):
    random.shuffle(train_rows)
    for i in range(0, len(train_rows), 100):
        flat, off, y = batch(train_rows[i:i + 100])
        opt.zero_grad()
        bce(net(flat, off), y).backward()
        opt.step()
    sched.step()
    print('ep %d train %.3f/%.3f dev %.3f/%.3f' % (ep, *check(train_rows), *check(dev_rows)))
