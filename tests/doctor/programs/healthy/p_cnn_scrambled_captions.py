"""Is this caption a real one, or were its words scrambled?  A small CNN over fixed GloVe vectors decides.

Word identity does not help (each caption is used once, scrambled or not), only local order does."""
import argparse, gzip, os
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument('--maps', type=int, default=40)
ap.add_argument('--batch-size', type=int, default=64)
ap.add_argument('--epochs', type=int, default=5)
ap.add_argument('--max-len', type=int, default=16)
ap.add_argument('--rows', type=int, default=3600)
args = ap.parse_args()
torch.manual_seed(8)
rng = np.random.default_rng(8)
D = os.environ['WORDFIT_DATA']

ids, vecs = {}, [np.zeros(50, 'f4')]
with gzip.open(f'{D}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, v = line.split(' ', 1)
        ids[w] = len(vecs)
        vecs.append(np.array(v.split(), 'f4'))
vecs = torch.from_numpy(np.stack(vecs))

X, y, seen = [], [], set()
with gzip.open(f'{D}/seq2seq/multi30k/train.en.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        k = [ids[w] for w in line.lower().replace('.', ' ').replace(',', ' ').split() if w in ids]
        if not 7 <= len(k) <= args.max_len or tuple(k) in seen:
            continue
        seen.add(tuple(k))
        scrambled = rng.random() < 0.5
        if scrambled:
            k = list(rng.permutation(k))
        X.append(F.pad(torch.tensor(k), (0, args.max_len - len(k))))
        y.append(int(not scrambled))
        if len(X) == args.rows:
            break
X, y = torch.stack(X), torch.tensor(y)
n = int(.85 * len(X))
Xtr, ytr, Xdv, ydv = X[:n], y[:n], X[n:], y[n:]
print(f'{n} train, {len(Xdv)} dev, {ydv.float().mean():.2f} of dev real')

class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('vectors', vecs)      # static channel
        self.convs = nn.ModuleList(nn.Conv1d(50, args.maps, k) for k in (2, 3))
        self.fc = nn.Linear(2 * args.maps, 2)

    def forward(self, x):
        e = F.embedding(x, self.vectors).transpose(1, 2)
        length = (x > 0).sum(1, keepdim=True)
        feats = []
        for c in self.convs:
            h = F.relu(c(e))
            start = torch.arange(h.size(2)).unsqueeze(0)
            ok = start + c.kernel_size[0] <= length          # windows inside of the caption only
            h = h * ok.unsqueeze(1)
            feats.append(h.sum(2) / ok.sum(1, keepdim=True))
        return self.fc(F.dropout(torch.cat(feats, 1), 0.2, self.training))

net = CNN()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
lr = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs * -(-n // args.batch_size))

def score(X, y):
    net.eval()
    with torch.no_grad():
        out = torch.cat([net(b) for b in X.split(512)])
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()

for ep in range(args.epochs):
    net.train()
    for b in torch.randperm(n).split(args.batch_size):
        opt.zero_grad(set_to_none=True)
        F.cross_entropy(net(Xtr[b]), ytr[b]).backward()
        opt.step(); lr.step()
    print('epoch %d  train %.3f/%.3f  dev %.3f/%.3f' % (ep, *score(Xtr, ytr), *score(Xdv, ydv)))
