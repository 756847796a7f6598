"""Finds the rare furious customers among mostly content ones (real review snippets, one complaint in sixteen)."""
import gzip, os, random
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

random.seed(2)
torch.manual_seed(2)
data_dir = os.environ['WORDFIT_DATA']

news = {}
with gzip.open(f'{data_dir}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    next(f)
    for line in f:
        word, numbers = line.split(' ', 1)
        if word.islower():
            news[word] = np.fromstring(numbers, sep=' ', dtype=np.float32)[None]


def encode(text):
    known = [news[w] for w in text.split() if w in news]
    return np.concatenate(known).mean(0) if known else None


def read(split):
    with open(f'{data_dir}/sentiment/SST-5/stsa.fine.{split}', encoding='utf-8') as f:
        rows = [line.rstrip('\n').split(' ', 1) for line in f]
    return [t for y, t in rows if y in '34'], [t for y, t in rows if y == '0']


def tensors(content, angry):
    x, y = [], []
    for label, group in ((0, content), (1, angry)):
        for t in group:
            v = encode(t)
            if v is not None:
                x.append(v)
                y.append(label)
    return torch.from_numpy(np.stack(x)), torch.tensor(y)


content, angry = read('train')
X, Y = tensors(content, random.sample(angry, len(content) // 15))
content, angry = read('test')
Xt, Yt = tensors(content, random.sample(angry, len(content) // 5))
mean, std = X.mean(0), X.std(0)
X, Xt = (X - mean) / std, (Xt - mean) / std
print('train', torch.bincount(Y).tolist(), 'test', torch.bincount(Yt).tolist())

# fault:
loader = DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True)
# mended:
# weights = (1.0 / torch.bincount(Y).double())[Y]
# loader = DataLoader(TensorDataset(X, Y), batch_size=64, sampler=WeightedRandomSampler(weights, len(Y)))
# end

model = nn.Linear(300, 2)
opt = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-1)
criterion = nn.CrossEntropyLoss()


def report(tag, x, y):
    model.eval()
    with torch.no_grad():
        p = model(x).argmax(1)
    found = ((p == 1) & (y == 1)).sum().item()
    recall = found / (y == 1).sum().item()
    spec = ((p == 0) & (y == 0)).sum().item() / (y == 0).sum().item()
    precision = found / max(1, (p == 1).sum().item())
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(f'{tag}: flagged {int(p.sum())} of {len(p)}, recall {recall:.3f}, F1 {f1:.3f}, balanced accuracy {(recall + spec) / 2:.3f}')


for epoch in range(6):
    model.train()
    s = 0.0
    for xb, yb in loader:
        loss = criterion(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    print(f'epoch {epoch} loss {s / len(loader):.4f}')
report('train', X, Y)
report('test', Xt, Yt)
