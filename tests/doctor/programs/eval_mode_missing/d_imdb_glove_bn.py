# IMDB: mean of GloVe vectors -> MLP with batch norm. Converted from my notebook.
import gzip, os, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

DATA = os.environ['WORDFIT_DATA']
np.random.seed(7)
torch.manual_seed(7)

# %% vectors
glove = {}
with gzip.open(f'{DATA}/vectors/glove.6B.100d.top2604.txt.gz', 'rt', encoding='utf-8') as fh:
    for line in fh:
        w, *v = line.rstrip().split(' ')
        glove[w] = np.array(v, dtype=np.float32)
print(len(glove), 'vectors')


# %% reviews, evenly spaced in the file (pos and neg are stored one after the other)
def read(split, step, start):
    feats, labels = [], []
    with gzip.open(f'{DATA}/sentiment/imdb/{split}.tsv.gz', 'rt', encoding='utf-8') as fh:
        next(fh)
        for k, line in enumerate(fh):
            if k % step != start:
                continue
            cols = line.rstrip('\n').split('\t')
            toks = re.findall(r"[a-z']+", cols[3].lower().replace('<br />', ' '))
            vecs = [glove[t] for t in set(toks) if t in glove]
            if not vecs:
                continue
            feats.append(np.mean(vecs, axis=0))
            labels.append(int(cols[0]))
    return np.stack(feats), np.array(labels)


X_tr, y_tr = read('train', 6, 1)
X_te, y_te = read('test', 20, 3)
mu, sd = X_tr.mean(0), X_tr.std(0)
X_tr, X_te = (X_tr - mu) / sd, (X_te - mu) / sd
print(X_tr.shape, X_te.shape, 'positive in test: %.2f' % y_te.mean())

tr_dl = DataLoader(TensorDataset(torch.from_numpy(X_tr), torch.from_numpy(y_tr).float()), batch_size=64, shuffle=True)
te_dl = DataLoader(TensorDataset(torch.from_numpy(X_te), torch.from_numpy(y_te).float()), batch_size=64)

# %% model
model = nn.Sequential(
    nn.Linear(100, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5),
    nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU(),
    nn.Linear(16, 1),
)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)


def accuracy(dl):
    # fault:
    ok = n = 0
    # mended:
    # model.eval()
    # ok = n = 0
    # end
    with torch.no_grad():
        for xb, yb in dl:
            ok += ((model(xb).squeeze(1) > 0).float() == yb).sum().item()
            n += len(yb)
    return ok / n


# %% train
for epoch in range(6):
    model.train()
    running = []
    for xb, yb in tr_dl:
        opt.zero_grad()
        loss = loss_fn(model(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        running.append(loss.item())
    print(f'epoch {epoch + 1}: loss {np.mean(running):.4f}  test acc {accuracy(te_dl):.4f}')
