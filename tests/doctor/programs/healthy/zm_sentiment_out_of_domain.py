"""Train on film reviews, report on film reviews (dev, test) and on product reviews nobody trained on.
Baseline numbers are printed before the first update so that we know where we start."""
import gzip
import os

import numpy as np
import torch
import torch.nn as nn

DEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
HOME = os.environ['WORDFIT_DATA']
MAXLEN = 40
torch.manual_seed(4)


def film(split, limit=None):
    with open(os.path.join(HOME, 'sentiment/SST-2-sentences', 'stsa.binary.' + split), encoding='utf-8') as f:
        rows = [(line[2:].strip().split(), int(line[0])) for line in f]
    return rows[:limit]


def products():
    rows = []
    for label, ending in enumerate(('neg', 'pos')):
        with open(os.path.join(HOME, 'sentiment/CR/custrev.' + ending), encoding='latin-1') as f:
            rows += [(line.split(), label) for line in f]
    return rows


sets = {'train': film('train'), 'dev': film('dev'), 'test': film('test'), 'products': products()}

# ---- vectors: keep those words that occur anywhere in the texts
need = set(w for rows in sets.values() for ws, _ in rows for w in ws)
index = {'<pad>': 0, '<unk>': 1}
matrix = [np.zeros(300, np.float32), None]
with gzip.open(os.path.join(HOME, 'vectors/word2vec.GoogleNews.300d.13598words.txt.gz'), 'rb') as f:
    next(f)
    for raw in f:
        word, _, numbers = raw.partition(b' ')
        word = word.decode('utf-8')
        if word in need:
            index[word] = len(matrix)
            matrix.append(np.array(numbers.split(), np.float32))
matrix[1] = np.mean(matrix[2:], axis=0)
matrix = torch.tensor(np.stack(matrix))


def encode(rows):
    x = np.zeros((len(rows), MAXLEN), np.int64)
    for i, (ws, _) in enumerate(rows):
        ws = (ws or ['<unk>'])[:MAXLEN]
        x[i, :len(ws)] = [index.get(w, 1) for w in ws]
    return torch.from_numpy(x).to(DEVICE), torch.tensor([float(y) for _, y in rows], device=DEVICE)


class AttentiveAverage(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.key = nn.Linear(300, 1)
        self.norm = nn.LayerNorm(300)
        self.top = nn.Sequential(nn.Dropout(0.3), nn.Linear(300, 1))

    def forward(self, x):
        e = self.embed(x)
        a = self.key(e).squeeze(-1).masked_fill(x == 0, float('-inf')).softmax(dim=1)
        pooled = torch.bmm(a.unsqueeze(1), e).squeeze(1)
        return self.top(self.norm(pooled)).squeeze(-1)


tensors = {k: encode(v) for k, v in sets.items()}
model = AttentiveAverage().to(DEVICE)
trainable = [p for p in model.parameters() if p.requires_grad]
print('trainable', sum(p.numel() for p in trainable), 'of', sum(p.numel() for p in model.parameters()))


def report(tag, names=('dev', 'test', 'products')):
    was_training = model.training
    model.eval()
    parts = []
    with torch.no_grad():
        for name in names:
            x, y = tensors[name]
            out = torch.cat([model(c) for c in x.split(512)])
            loss = nn.functional.binary_cross_entropy_with_logits(out, y).item()
            parts.append('%s %.3f/%.3f' % (name, loss, ((out > 0).float() == y).float().mean().item()))
    model.train(was_training)
    print('%-10s loss/acc  %s' % (tag, '  '.join(parts)))


report('untrained')
x, y = tensors['train']
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(trainable, lr=3e-3)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=4 * (-(-len(x) // 64)))
model.train()
for epoch in range(4):
    for chunk in torch.randperm(len(x)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x[chunk]), y[chunk])
        loss.backward()
        optimizer.step()
        scheduler.step()
    report('epoch %d' % (epoch + 1), ('dev',))
report('final', ('train', 'dev', 'test', 'products'))
print('majority: ' + '  '.join('%s %.3f' % (k, max(v[1].mean().item(), 1 - v[1].mean().item())) for k, v in tensors.items()))
