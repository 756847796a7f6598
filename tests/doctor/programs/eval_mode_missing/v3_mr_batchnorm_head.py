# Movie review snippets (rt-polarity), averaged GloVe -> small MLP with batch norm. Ported from an old keras kernel.
import os, gzip, time
import numpy as np
import torch, torch.nn as nn

np.random.seed(42); torch.manual_seed(42)
BASE = os.environ.get('WORDFIT_DATA', '../input')
EMB_DIM, BATCH, EPOCHS = 50, 128, 6

def load_embeddings(path):
    index = {}
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        for line in f:
            values = line.split()
            index[values[0]] = np.asarray(values[1:], dtype='float32')
    return index

def load_side(name):
    with open(os.path.join(BASE, 'sentiment', 'MR', name), encoding='latin-1') as f:
        return list(dict.fromkeys(l.strip() for l in f))

emb = load_embeddings(os.path.join(BASE, 'vectors', 'glove.6B.50d.top10361.txt.gz'))

def sent2vec(s):
    v = [emb[w] for w in s.split() if w in emb]
    return np.concatenate([np.mean(v, axis=0), np.max(v, axis=0)]) if v else np.zeros(2 * EMB_DIM, dtype='float32')

pos, neg = load_side('rt-polarity.pos'), load_side('rt-polarity.neg')
n_test = 600
train_text = pos[n_test:4400] + neg[n_test:4400]
train_y = np.array([1] * (4400 - n_test) + [0] * (4400 - n_test))
test_text = pos[:n_test] + neg[:n_test]
test_y = np.array([1] * n_test + [0] * n_test)

xtrain = torch.from_numpy(np.stack([sent2vec(s) for s in train_text]))
xtest = torch.from_numpy(np.stack([sent2vec(s) for s in test_text]))
ytrain = torch.from_numpy(train_y)
ytest = torch.from_numpy(test_y)

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(2 * EMB_DIM, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.logits = nn.Linear(32, 2)

    def forward(self, x):
        return self.logits(self.body(x))

model = Head()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
loss_fn = nn.CrossEntropyLoss()

def predict(x):
    # fault:
    with torch.no_grad():
        return torch.cat([model(b) for b in x.split(BATCH)])
    # mended:
    # model.eval()
    # with torch.no_grad():
    #     return torch.cat([model(b) for b in x.split(BATCH)])
    # end

for epoch in range(EPOCHS):
    t0 = time.time()
    model.train()
    perm = torch.randperm(len(xtrain))[:len(xtrain) // BATCH * BATCH]
    avg_loss, hits = 0., 0
    for ix in perm.split(BATCH):
        optimizer.zero_grad()
        out = model(xtrain[ix])
        loss = loss_fn(out, ytrain[ix])
        loss.backward()
        optimizer.step()
        avg_loss += loss.item() / (len(perm) // BATCH)
        hits += (out.argmax(1) == ytrain[ix]).sum().item()
    sched.step()
    out = predict(xtest)
    print('Epoch {}/{} \t loss={:.4f} \t acc={:.4f} \t val_loss={:.4f} \t val_acc={:.4f} \t time={:.2f}s'.format(
        epoch + 1, EPOCHS, avg_loss, hits / len(perm), loss_fn(out, ytest).item(),
        (out.argmax(1) == ytest).float().mean().item(), time.time() - t0))
