# Ported from our old Keras 1.x script (CNN with average pooling on review sentences, static vectors). Kept the compile/fit API so the rest still runs.
import os, gzip, copy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
np.random.seed(1337); torch.manual_seed(1337)

D = os.environ['WORDFIT_DATA']
maxlen, nb_filter, batch_size, nb_epoch = 26, 16, 64, 6

class Model(nn.Module):
    def compile(self, optimizer, loss, metrics=()):
        self.optimizer, self.loss_fn, self.metrics = optimizer, loss, metrics

    def evaluate(self, X, y):
        self.eval()
        with torch.no_grad():
            p = torch.cat([self(b) for b in X.split(512)])
            return self.loss_fn(p, y).item(), ((p > 0.5).float() == y).float().mean().item()

    def fit(self, X, y, nb_epoch, batch_size, validation_data, callbacks=()):
        self.stop_training = False
        for ep in range(nb_epoch):
            self.train()
            seen, tot, right = 0, 0., 0.
            for idx in torch.randperm(len(X)).split(batch_size):
                self.optimizer.zero_grad()
                p = self(X[idx])
                l = self.loss_fn(p, y[idx])
                l.backward()
                self.optimizer.step()
                seen += len(idx); tot += l.item() * len(idx)
                right += ((p > 0.5).float() == y[idx]).sum().item()
            vl, va = self.evaluate(*validation_data)
            print('Epoch %d/%d - loss: %.4f - acc: %.4f - val_loss: %.4f - val_acc: %.4f' %
                  (ep + 1, nb_epoch, tot / seen, right / seen, vl, va))
            for c in callbacks:
                c(self, ep, vl)
            if self.stop_training:
                break

class EarlyStopping:
    def __init__(self, patience): self.patience, self.best, self.wait = patience, 1e9, 0
    def __call__(self, m, ep, vl):
        if vl < self.best:
            self.best, self.wait, self.w, self.ep = vl, 0, copy.deepcopy(m.state_dict()), ep
        else:
            self.wait += 1
            m.stop_training = self.wait >= self.patience
    def restore(self, m):
        m.load_state_dict(self.w); print('restored weights of epoch', self.ep + 1)

class SentCNN(Model):
    def __init__(self, W):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(W, freeze=True)   # "CNN-static"
        self.convs = nn.ModuleList(nn.Conv1d(W.shape[1], nb_filter, k, padding=k // 2) for k in (1, 3))
        self.drop = nn.Dropout(0.3)
        self.dense = nn.Linear(2 * nb_filter, 1)
    def forward(self, x):
        mask = (x == 0).unsqueeze(1)
        n = (~mask).sum(2).clamp(min=1)          # GlobalAveragePooling with mask
        e = self.emb(x).transpose(1, 2)
        h = [F.relu(c(e)).masked_fill(mask, 0.).sum(2) / n for c in self.convs]
        return torch.sigmoid(self.dense(self.drop(torch.cat(h, 1)))).squeeze(1)

def load():                       # which shop of reviews does a sentence come from: films (1) or products (0)
    X, y = [], []
    for path, lab in (('MR/rt-polarity.', 1.), ('CR/custrev.', 0.)):
        S = {l.strip().lower() for pol in ('pos', 'neg') for l in open(D + '/sentiment/' + path + pol, encoding='latin-1')}
        S = sorted(s for s in S if len(s.split()) > 4)
        S = [S[i] for i in np.random.permutation(len(S))[:3000]]
        X += [s.split() for s in S]; y += [lab] * len(S)
    order = np.random.permutation(len(X))
    X, y = [X[i] for i in order], torch.tensor([y[i] for i in order])
    return (X[:4400], y[:4400]), (X[4400:5200], y[4400:5200]), (X[5200:], y[5200:])

word2idx, rows = {'<pad>': 0, '<unk>': 1}, [np.zeros(50, 'float32'), np.zeros(50, 'float32')]
for l in gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    p = l.split(' '); word2idx[p[0]] = len(rows); rows.append(np.array(p[1:], 'float32'))
W = torch.from_numpy(np.stack(rows)); W[1] = W[2:].mean(0)

def pad_sequences(S):            # keras pads and truncates on the left
    X = torch.zeros(len(S), maxlen, dtype=torch.long)
    for i, s in enumerate(S):
        s = [word2idx.get(w, 1) for w in s][-maxlen:]
        X[i, maxlen - len(s):] = torch.tensor(s)
    return X

(Xtr, ytr), (Xva, yva), (Xte, yte) = load()
Xtr, Xva, Xte = map(pad_sequences, (Xtr, Xva, Xte))
model = SentCNN(W)
model.compile(torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.005), F.binary_cross_entropy)
stopper = EarlyStopping(2)
model.fit(Xtr, ytr, nb_epoch, batch_size, (Xva, yva), [stopper])
stopper.restore(model)
print('train score: %.4f acc: %.4f' % model.evaluate(Xtr, ytr))
print('Test score: %.4f  Test accuracy: %.4f' % model.evaluate(Xte, yte))
