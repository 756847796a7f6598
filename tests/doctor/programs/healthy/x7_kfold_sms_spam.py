# Kaggle "SMS spam" style: hashed words, stratified 3 fold, out-of-fold threshold, average of the folds for the test set.
import zlib
import numpy as np
import torch
from torch import nn
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedKFold

SEED, BUCKETS, EPOCHS, BS = 77, 2048, 3, 48
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

SPAM = 'win prize claim urgent cash free txt reply stop ringtone voucher guaranteed awarded winner mobile offer call now'.split()
HAM = 'home later love dinner ok lol sorry mum class tomorrow bus work sleep movie meet lunch miss night coming soon'.split()
BOTH = 'you your to a the i we is have are for on me at in and just get'.split()


def sms(is_spam):
    own, other = (SPAM, HAM) if is_spam else (HAM, SPAM)
    n = rng.integers(5, 15)
    p = rng.random(n)
    return ' '.join(rng.choice(own) if q < .50 else rng.choice(other) if q < .56 else rng.choice(BOTH) for q in p)


y = (rng.random(3600) < .12).astype('float32')          # 12 % spam, as in the real thing
texts = [sms(v) for v in y]
hashed = [np.array([zlib.crc32(w.encode()) % BUCKETS for w in t.split()]) for t in texts]
train_idx, test_idx = np.arange(2800), np.arange(2800, 3600)


def pack(ix):
    lens = np.array([len(hashed[i]) for i in ix])
    return torch.from_numpy(np.concatenate([hashed[i] for i in ix])), torch.from_numpy(np.r_[0, lens.cumsum()[:-1]])


def new_model():
    m = nn.ModuleDict({'bag': nn.EmbeddingBag(BUCKETS, 6, mode='mean'), 'lin': nn.Linear(6, 1)})
    nn.init.normal_(m['bag'].weight, std=.1)
    # start at the base rate, see the RetinaNet paper
    nn.init.constant_(m['lin'].bias, float(np.log(y[train_idx].mean() / (1 - y[train_idx].mean()))))
    return m


def scores(m, ix):
    m.eval()
    with torch.no_grad():
        return torch.sigmoid(m['lin'](m['bag'](*pack(ix)))).flatten().numpy()


oof, test_pred = np.zeros(len(train_idx)), np.zeros(len(test_idx))
for fold, (a, b) in enumerate(StratifiedKFold(3, shuffle=True, random_state=SEED).split(train_idx, y[train_idx])):
    model = new_model()
    opt = torch.optim.Adam(model.parameters(), lr=.03)
    steps = EPOCHS * (len(a) // BS + 1)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=.04, total_steps=steps)
    for epoch in range(EPOCHS):
        model.train()
        a = rng.permutation(a)
        tot = 0.
        for s in range(0, len(a), BS):
            ix = a[s:s + BS]
            logit = model['lin'](model['bag'](*pack(ix))).flatten()
            loss = nn.functional.binary_cross_entropy_with_logits(logit, torch.from_numpy(y[ix]))
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
            tot += loss.item() * len(ix)
    oof[b] = scores(model, b)
    test_pred += scores(model, test_idx) / 3
    print(f'fold {fold}: loss {tot / len(a):.4f}  AP train {average_precision_score(y[a], scores(model, a)):.4f}  AP valid {average_precision_score(y[b], oof[b]):.4f}')

grid = np.linspace(.05, .95, 37)
best = max(grid, key=lambda t: f1_score(y[train_idx], oof > t))
print(f'threshold {best:.3f}  oof F1 {f1_score(y[train_idx], oof > best):.4f}')
print(f'test F1 {f1_score(y[test_idx], test_pred > best):.4f}  test AP {average_precision_score(y[test_idx], test_pred):.4f}')
