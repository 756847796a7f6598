"""Kim-style CNN over frozen GloVe, SST binary sentences."""
import argparse, gzip, os, sys, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

p = argparse.ArgumentParser()
p.add_argument('--data', default=os.environ['WORDFIT_DATA'])
p.add_argument('--epochs', default=4, type=int)
p.add_argument('--filters', default=20, type=int)
p.add_argument('--sizes', default=[1, 2], type=int, nargs='+')
p.add_argument('--lr', default=4e-3, type=float)
p.add_argument('--limit', default=5000, type=int)
cfg = p.parse_args()
torch.manual_seed(2020); np.random.seed(2020)


def load_vectors(path):
    words, rows = ['<pad>', '<unk>'], []
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        for line in f:
            w, rest = line.split(' ', 1)
            words.append(w)
            rows.append(np.array(rest.split(), dtype=np.float32))
    m = np.stack(rows)
    table = np.concatenate([np.zeros((1, m.shape[1]), np.float32), m.mean(0, keepdims=True), m])
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(table)


def load(name):
    with open(os.path.join(cfg.data, 'sentiment/SST-2-sentences', name), encoding='utf-8') as f:
        for line in f:
            yield line[2:].split(), int(line[0])


stoi, table = load_vectors(os.path.join(cfg.data, 'vectors/glove.6B.50d.top10361.txt.gz'))
prep = lambda rows: [(torch.tensor([stoi.get(w, 1) for w in s]), y) for s, y in rows]
train = prep(list(load('stsa.binary.train')))[:cfg.limit]
texts = {tuple(x.tolist()) for x, _ in train}
dev = [r for r in prep(load('stsa.binary.dev')) if tuple(r[0].tolist()) not in texts]


def collate(rows):
    xs, ys = zip(*rows)
    longest = max(max(map(len, xs)), max(cfg.sizes))
    out = torch.zeros(len(xs), longest, dtype=torch.long)
    for i, x in enumerate(xs):
        out[i, :len(x)] = x
    return out, torch.tensor([len(x) for x in xs]), torch.tensor(ys, dtype=torch.float)


class KimCNN(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(table.size(1), cfg.filters, k) for k in cfg.sizes)
        self.out = nn.Linear(cfg.filters * len(cfg.sizes), 1)
        self.drop = nn.Dropout(0.3)

    def forward(self, x, lens):
        e = self.emb(x).transpose(1, 2)
        feats = []
        for conv in self.convs:
            h = F.relu(conv(e))
            n = (lens - conv.kernel_size[0] + 1).clamp(min=1)
            ok = torch.arange(h.size(2))[None, :] < n[:, None]
            feats.append(h.masked_fill(~ok[:, None, :], 0.).amax(2))   # relu >= 0, so 0 never wins wrongly
        return self.out(self.drop(torch.cat(feats, 1))).squeeze(1)


model = KimCNN(table)
optimizer = torch.optim.Adam((q for q in model.parameters() if q.requires_grad), lr=cfg.lr, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2 * cfg.lr, pct_start=0.15, total_steps=cfg.epochs * ((len(train) + 99) // 100))
dl = DataLoader(train, 100, shuffle=True, collate_fn=collate)
ddl = DataLoader(dev, 256, collate_fn=collate)


def evaluate(loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, l, y in loader:
            hit += ((model(x, l) > 0) == (y > .5)).sum().item(); n += len(y)
    return hit / n


t0 = time.time()
for epoch in range(cfg.epochs):
    model.train()
    running = 0.
    for x, l, y in dl:
        loss = F.binary_cross_entropy_with_logits(model(x, l), y)
        optimizer.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 3.)
        optimizer.step(); sched.step()
        running += loss.item()
    print(f'| epoch {epoch} | loss {running/len(dl):.3f} | dev acc {evaluate(ddl):.3f}', file=sys.stdout)
print('train acc', round(evaluate(DataLoader(train[:1500], 256, collate_fn=collate)), 3))
