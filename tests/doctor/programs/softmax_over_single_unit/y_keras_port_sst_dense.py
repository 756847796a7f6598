# ported from my 2017 Keras script (GlobalAveragePooling1D -> Dense -> Dense), now in PyTorch
import collections, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(1337)
torch.manual_seed(1337)

MAX_FEATURES = 3000
MAXLEN = 40
DATA = os.environ['WORDFIT_DATA']


def read(split, limit=None):
    X, y = [], []
    for line in open(os.path.join(DATA, 'sentiment/SST-2-sentences/stsa.binary.' + split), encoding='utf-8'):
        label, text = line.strip().split(' ', 1)
        X.append(text.lower().split())
        y.append(float(label))
    return X[:limit], y[:limit]


print('Loading data...')
perm = np.random.permutation(6920)
X_all, y_all = read('train')
X_train, y_train = [X_all[i] for i in perm[:6500]], [y_all[i] for i in perm[:6500]]
X_val, y_val = read('dev')

counts = collections.Counter(w for x in X_train for w in x)
index = {'<pad>': 0, '<unk>': 1}
for w, c in counts.most_common(MAX_FEATURES - 2):
    index[w] = len(index)


def pad_sequences(seqs, maxlen):
    out = np.zeros((len(seqs), maxlen), dtype='int64')
    for i, s in enumerate(seqs):
        ids = [index.get(w, 1) for w in s][:maxlen]
        out[i, :len(ids)] = ids
    return torch.from_numpy(out)


X_train, X_val = pad_sequences(X_train, MAXLEN), pad_sequences(X_val, MAXLEN)
y_train, y_val = torch.tensor(y_train).unsqueeze(1), torch.tensor(y_val).unsqueeze(1)
print('X_train shape:', tuple(X_train.shape), ' X_val shape:', tuple(X_val.shape))


class KerasLikeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(MAX_FEATURES, 32, padding_idx=0)
        self.dense_1 = nn.Linear(32, 32)
        self.dropout = nn.Dropout(0.5)
        self.dense_2 = nn.Linear(32, 1)

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1).float()
        h = (self.embedding(x) * mask).sum(1) / mask.sum(1).clamp(min=1)
        h = self.dropout(F.relu(self.dense_1(h)))
        # fault:
        return F.softmax(self.dense_2(h), dim=-1)
        # mended:
        # return torch.sigmoid(self.dense_2(h))
        # end


def fit(model, epochs, batch_size):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    loss_fn = nn.BCELoss()
    n = len(X_train)
    for epoch in range(1, epochs + 1):
        print('Epoch %d/%d' % (epoch, epochs))
        model.train()
        order = torch.randperm(n)
        losses, correct = [], 0
        for b in order.split(batch_size):
            p = model(X_train[b])
            loss = loss_fn(p, y_train[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            correct += ((p > 0.5).float() == y_train[b]).sum().item()
        model.eval()
        with torch.no_grad():
            p = model(X_val)
            val_loss = loss_fn(p, y_val).item()
            val_acc = ((p > 0.5).float() == y_val).float().mean().item()
        print('loss: %.4f - acc: %.4f - val_loss: %.4f - val_acc: %.4f'
              % (np.mean(losses), correct / n, val_loss, val_acc))


print('Train...')
fit(KerasLikeNet(), epochs=5, batch_size=64)
