# Where does a sentence come from: Wikipedia, Reuters or an IMDB review? bi-GRU over GloVe, packed.
# Four parameter groups: vectors are tuned at a tiny rate, recurrent weights without decay, the
# classifier with decay, biases apart.
import gzip, os, random, re
import numpy as np
import torch, torch.nn as nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader

random.seed(7); torch.manual_seed(7)
D = os.environ['WORDFIT_DATA']

stoi, rows = {'<unk>': 0}, []
for line in gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, v = line.split(' ', 1)
    stoi[w] = len(stoi); rows.append(np.array(v.split(), dtype=np.float32))
vectors = torch.from_numpy(np.stack([np.mean(rows, 0)] + rows))

def sentences(name, n, joiner):
    with gzip.open(f'{D}/corpora/{name}.txt.gz', 'rt', encoding='utf-8') as fh:
        text = joiner.join(next(fh).strip() for _ in range(n))
    out = []
    for s in re.split(r'[.!?]\s', text):
        t = re.findall(r'[a-z]+', s.lower())
        if 7 <= len(t) <= 18: out.append(t)
    random.shuffle(out)
    return out[:1400]

pools = [sentences('enwiki-2018-sample', 12000, '. '), sentences('reuters-21578-bodies', 20000, ' '), sentences('imdb-unsup-25k', 500, '. ')]
train_ds, dev_ds = [], []
for k, pool in enumerate(pools):
    seen = set()
    uniq = [s for s in pool if not (tuple(s) in seen or seen.add(tuple(s)))]
    enc = [(torch.tensor([stoi.get(w, 0) for w in s]), k) for s in uniq]
    cut = len(enc) * 4 // 5
    train_ds += enc[:cut]; dev_ds += enc[cut:]

def collate(rows):
    xs, ys = zip(*rows)
    return pack_sequence(xs, enforce_sorted=False), torch.tensor(ys)

train_dl = DataLoader(train_ds, 80, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(dev_ds, 256, collate_fn=collate)
probe_dl = DataLoader(random.sample(train_ds, 800), 256, collate_fn=collate)

class Source(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=False)
        self.rnn = nn.GRU(50, 16, bidirectional=True)
        self.drop = nn.Dropout(.3)
        self.out = nn.Linear(32, 3)
    def forward(self, packed):
        e = packed._replace(data=self.drop(self.lookup(packed.data)))
        _, h = self.rnn(e)                       # (2, B, 16), already at the true ends
        return self.out(self.drop(torch.cat([h[0], h[1]], -1)))

net = Source()
optim = torch.optim.AdamW([
    {'params': net.lookup.parameters(), 'lr': 5e-5, 'weight_decay': 0.},
    {'params': [p for n, p in net.rnn.named_parameters() if 'weight' in n], 'lr': 8e-3, 'weight_decay': 0.},
    {'params': [net.out.weight], 'lr': 8e-3, 'weight_decay': 1e-2},
    {'params': [p for n, p in net.rnn.named_parameters() if 'bias' in n] + [net.out.bias], 'lr': 1e-2, 'weight_decay': 0.},
])
EPOCHS = 3
sched = torch.optim.lr_scheduler.LambdaLR(optim, lambda k: 1 - k / (EPOCHS * len(train_dl)))
ce = nn.CrossEntropyLoss()

@torch.no_grad()
def accuracy(dl):
    net.eval()
    ok = n = 0
    for x, y in dl:
        ok += (net(x).argmax(1) == y).sum().item(); n += len(y)
    return ok / n

print(len(train_ds), 'train', len(dev_ds), 'dev')
for ep in range(EPOCHS):
    net.train(); tot = 0
    for x, y in train_dl:
        optim.zero_grad()
        loss = ce(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.)
        optim.step(); sched.step()
        tot += loss.item()
    print('epoch', ep, 'loss %.3f' % (tot / len(train_dl)), 'train %.3f' % accuracy(probe_dl), 'dev %.3f' % accuracy(dev_dl))
