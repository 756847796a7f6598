"""Was: model.compile(...); model.fit(..., callbacks=[EarlyStopping, ModelCheckpoint]).  Now torch, same interface.

The click labels of this (simulated) feedback form are wrong in one of seven cases.  The raters' gold labels exist for
the test rows only.  Bootstrapped cross entropy (Reed et al. 2015) keeps the net from chasing the wrong clicks.
"""
import copy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(21); torch.manual_seed(21)
MAXLEN, N, NOISE = 20, 3600, 1 / 7

GOOD = 'fast kind helpful clean smooth warm fresh friendly solid clear bright calm'.split()
BAD = 'slow rude broken dirty late cold stale noisy fragile confusing dim angry'.split()
TOPIC = 'staff delivery room app food battery screen support hotline invoice parcel bus'.split()
GLUE = 'the was and really so quite my very with again this time'.split()
VOCAB = ['<pad>', 'not'] + GOOD + BAD + TOPIC + GLUE
IDX = {w: i for i, w in enumerate(VOCAB)}


def make_row():
    gold, words = np.random.randint(2), []
    for _ in range(np.random.randint(2, 5)):
        words += list(np.random.choice(GLUE, np.random.randint(0, 3))) + [np.random.choice(TOPIC)]
        if np.random.rand() < .25:
            words += ['not', np.random.choice(BAD if gold else GOOD)]      # "not slow" is praise
        else:
            words += [np.random.choice(GOOD if gold else BAD)]
    return [IDX[w] for w in words][:MAXLEN], gold


data = [make_row() for _ in range(N)]
X = torch.zeros(N, MAXLEN, dtype=torch.long)
for i, (r, _) in enumerate(data):
    X[i, :len(r)] = torch.tensor(r)
gold = torch.tensor([g for _, g in data])
click = torch.where(torch.rand(N) < NOISE, 1 - gold, gold)
tr, va, te = slice(0, 2600), slice(2600, 3000), slice(3000, N)


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(VOCAB), 16, padding_idx=0)
        self.conv1d = nn.Conv1d(16, 32, 2)
        self.dropout = nn.Dropout(.3)
        self.dense = nn.Linear(32, 2)

    def forward(self, x):
        h = F.relu(self.conv1d(self.embedding(x).transpose(1, 2)))
        h = h * (x[:, :-1] != 0).unsqueeze(1)                # after relu, zero is the floor of the maximum
        return self.dense(self.dropout(h.amax(2)))


class Model:
    def __init__(self, net):
        self.net = net

    def compile(self, optimizer, loss):
        self.opt, self.loss = optimizer, loss

    def fit(self, x, y, batch_size, epochs, validation_data, patience, filepath):
        history, best, wait = [], float('inf'), 0
        for epoch in range(epochs):
            self.net.train()
            logs, perm = [], torch.randperm(len(x))
            for ix in perm.split(batch_size):
                out = self.net(x[ix])
                loss = self.loss(out, y[ix])
                self.opt.zero_grad(); loss.backward(); self.opt.step()
                logs.append((loss.item(), (out.argmax(1) == y[ix]).float().mean().item()))
            vl, vacc = self.evaluate(*validation_data)
            l, acc = np.mean(logs, 0)
            print(f'Epoch {epoch + 1}/{epochs} - loss: {l:.4f} - acc: {acc:.4f} - val_loss: {vl:.4f} - val_acc: {vacc:.4f}')
            history.append(vl)
            if vl < best - 1e-3:
                best, wait = vl, 0
                torch.save({'epoch': epoch, 'weights': copy.deepcopy(self.net.state_dict())}, filepath)
            else:
                wait += 1
                if wait >= patience:
                    print('Restoring weights of the best epoch'); break
        self.net.load_state_dict(torch.load(filepath)['weights'])
        return history

    @torch.no_grad()
    def evaluate(self, x, y):
        self.net.eval()
        out = self.net(x)
        return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


def soft_bootstrap(logits, y, beta=.9):
    logp = F.log_softmax(logits, 1)
    target = beta * F.one_hot(y, 2) + (1 - beta) * logp.exp().detach()
    return -(target * logp).sum(1).mean()


m = Model(TextCNN())
m.compile(torch.optim.NAdam(m.net.parameters(), lr=5e-3), soft_bootstrap)
m.fit(X[tr], click[tr], 64, 8, (X[va], click[va]), patience=2, filepath='feedback_best.pt')
print('clicks of the test rows: loss %.3f acc %.3f' % m.evaluate(X[te], click[te]), '(ceiling %.3f)' % (1 - NOISE))
print('gold of the test rows:   loss %.3f acc %.3f' % m.evaluate(X[te], gold[te]))
