# 4-fold CV + blending of the fold models on the test file (Kaggle style). Features: GloVe mean and max, computed once.
import gzip, os
import numpy as np, torch
import torch.nn as nn

SEED, N_FOLDS, EPOCHS = 1001, 4, 6
root = os.environ['WORDFIT_DATA']
np.random.seed(SEED); torch.manual_seed(SEED)

with gzip.open(f'{root}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    glove = {l.split(' ', 1)[0]: np.fromstring(l.split(' ', 1)[1], sep=' ', dtype=np.float32) for l in f}

def load(name):
    y, X = [], []
    for l in open(f'{root}/sentiment/SST-2-sentences/{name}', encoding='latin-1'):
        lab, s = l.strip().split(' ', 1)
        m = [glove[w] for w in s.split() if w in glove]
        if not m:
            continue
        m = np.stack(m)
        y.append(int(lab)); X.append(np.concatenate([m.mean(0), m.max(0), m.min(0)]))
    return np.stack(X), np.array(y)

X, y = load('stsa.binary.train')
X_test, y_test = load('stsa.binary.dev')
perm = np.random.permutation(len(X)); X, y = X[perm], y[perm]

# stratified folds by hand
fold_of = np.zeros(len(y), int)
for c in (0, 1):
    ix = np.where(y == c)[0]
    fold_of[ix] = np.arange(len(ix)) % N_FOLDS

def net():
    return nn.Sequential(nn.Dropout(0.1), nn.Linear(150, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))

oof, blend = np.zeros(len(y)), np.zeros(len(y_test))
for k in range(N_FOLDS):
    tr, va = fold_of != k, fold_of == k
    mu, sd = X[tr].mean(0), X[tr].std(0)
    norm = lambda a: torch.from_numpy((a - mu) / sd).float()
    xt, yt, xv = norm(X[tr]), torch.from_numpy(y[tr]).float(), norm(X[va])
    model = net()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    steps = EPOCHS * ((len(xt) + 127) // 128)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 1 - s / steps)
    for ep in range(EPOCHS):
        model.train()
        for ix in torch.randperm(len(xt)).split(128):
            loss = nn.functional.binary_cross_entropy_with_logits(model(xt[ix]).squeeze(1), yt[ix])
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    model.eval()
    with torch.no_grad():
        ptr = torch.sigmoid(model(xt).squeeze(1)).numpy()
        oof[va] = torch.sigmoid(model(xv).squeeze(1)).numpy()
        blend += torch.sigmoid(model(norm(X_test)).squeeze(1)).numpy() / N_FOLDS
    print(f'fold {k}: train acc {((ptr > .5) == y[tr]).mean():.4f}  valid acc {((oof[va] > .5) == y[va]).mean():.4f}')
print(f'OOF acc {((oof > .5) == y).mean():.4f}   blended test acc {((blend > .5) == y_test).mean():.4f}')
