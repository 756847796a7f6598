# Language of a tweet from hashed character trigrams, deep fully connected net. (UMSAB tweets, 5 languages)
import os, random, re, zlib
import numpy as np
import torch
import torch.nn as nn

SEED = 6
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
LANGS = ['english', 'french', 'german', 'italian', 'spanish']
DIM = 512
ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')


def vectorise(text):
    v = np.zeros(DIM, dtype=np.float32)
    text = ' ' + re.sub(r'[^\w ]|\d', '', re.sub(r'@user|http\S*', '', text.lower())) + ' '
    for i in range(len(text) - 2):
        v[zlib.crc32(text[i:i + 3].encode()) % DIM] += 1
    n = np.linalg.norm(v)
    return v / n * 8 if n > 0 else v


def load(split, n):
    X, Y = [], []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, split + '_text.txt'), encoding='utf-8') as f:
            lines = [l.strip() for l in f if len(l) > 30][:n]
        X += [vectorise(l) for l in lines]
        Y += [k] * len(lines)
    return torch.from_numpy(np.stack(X)), torch.tensor(Y)


x_train, y_train = load('train', 600)
x_test, y_test = load('test', 150)


def block(i, o):
    # fault:
    return [nn.Linear(i, o), nn.Sigmoid()]
    # mended:
    # return [nn.Linear(i, o), nn.ReLU()]
    # end


widths = [DIM, 64, 64, 64, 64, 64, 64]
layers = []
for i, o in zip(widths, widths[1:]):
    layers += block(i, o)
model = nn.Sequential(*layers, nn.Linear(widths[-1], len(LANGS)))
for m in model:
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity='relu')
        nn.init.zeros_(m.bias)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
EPOCHS = 6
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)


def accuracy(x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


for epoch in range(EPOCHS):
    model.train()
    total = 0.
    for ix in torch.randperm(len(y_train)).split(50):
        optimizer.zero_grad()
        loss = criterion(model(x_train[ix]), y_train[ix])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(ix)
    scheduler.step()
    print(f'epoch {epoch + 1}/{EPOCHS} loss {total / len(y_train):.4f} train acc {accuracy(x_train, y_train):.3f} test acc {accuracy(x_test, y_test):.3f}')
