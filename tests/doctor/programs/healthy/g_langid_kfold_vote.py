import os, gzip, itertools, random, zlib
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import f1_score

# Which language is it?  (3-fold CV, out-of-fold score, folds vote on the test set -- my usual Kaggle recipe)
DATA = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
LANGS = ['en', 'de', 'fr', 'cs']
SEED, N_FOLDS, BUCKETS, DIM = 42, 3, 3000, 8

def seed_everything(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)

def read(split, n):
    out = []
    for y, l in enumerate(LANGS):
        with gzip.open(f'{DATA}{split}.{l}.gz', 'rt', encoding='utf-8') as f:
            lines = [next(f).strip().lower().split() for _ in range(n)]
        # two words from the middle of the caption only, otherwise it is too easy; ascii, so no accents give it away
        for w in lines:
            if len(w) < 5: continue
            s = ' '.join(w[2:4]).encode('ascii', 'ignore').decode().strip(' .,"')
            if len(s) > 4: out.append((s, y))
    return out

def featurize(s):
    s = '<' + s.replace(' ', '><') + '>'
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]

seed_everything(SEED)
rows = list(dict.fromkeys(read('train', 1500)))
known = {s for s, _ in rows}
test = [r for r in dict.fromkeys(read('test_2016_flickr', 200)) if r[0] not in known]
X = [featurize(s) for s, _ in rows]; y = np.array([l for _, l in rows])
Xt = [featurize(s) for s, _ in test]; yt = np.array([l for _, l in test])
print('train', len(X), 'test', len(Xt), 'classes', np.bincount(y))

def pack(feats):
    offs = np.cumsum([0] + [len(f) for f in feats[:-1]])
    return torch.tensor(list(itertools.chain.from_iterable(feats))), torch.tensor(offs)

def fit_fold(tr, va):
    model = nn.Sequential(nn.EmbeddingBag(BUCKETS, DIM, mode='mean'), nn.Dropout(.3), nn.Linear(DIM, len(LANGS)))
    opt = torch.optim.AdamW(model.parameters(), lr=.015, weight_decay=.1)
    crit = nn.CrossEntropyLoss(label_smoothing=.05)
    best, best_sd = 0, None
    for ep in range(4):
        model.train()
        np.random.shuffle(tr)
        for i in range(0, len(tr), 64):
            b = tr[i:i + 64]
            f, o = pack([X[j] for j in b])
            h = model[0](f, o)
            loss = crit(model[2](model[1](h)), torch.tensor(y[b]))
            opt.zero_grad(); loss.backward(); opt.step()
        p = predict(model, [X[j] for j in va])
        score = f1_score(y[va], p.argmax(1), average='macro')
        if score > best:
            best, best_sd = score, {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(best_sd)
    tr_score = f1_score(y[tr], predict(model, [X[j] for j in tr]).argmax(1), average='macro')
    print(f'   fold f1: train {tr_score:.4f} valid {best:.4f}  last batch loss {loss.item():.3f}')
    return model

def predict(model, feats):
    model.eval()
    with torch.no_grad():
        f, o = pack(feats)
        return model[2](model[0](f, o)).softmax(1).numpy()

oof = np.zeros((len(y), len(LANGS))); sub = np.zeros((len(yt), len(LANGS)))
for fold, (tr, va) in enumerate(StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED).split(y, y)):
    m = fit_fold(tr, va)
    oof[va] = predict(m, [X[j] for j in va])
    sub += predict(m, Xt) / N_FOLDS
print('OOF  macro f1', round(f1_score(y, oof.argmax(1), average='macro'), 4))
print('TEST macro f1', round(f1_score(yt, sub.argmax(1), average='macro'), 4))
