# SMS spam, 5-fold stratified CV (notebook "spam-baseline-v7" exported as .py)
import warnings
import numpy as np
import torch
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

warnings.filterwarnings("ignore")
SEED = 1337
rng = np.random.default_rng(SEED)

# In [2]: messages; about 12 % spam
SPAM = "win prize free cash claim urgent winner txt call now award voucher bonus offer click".split()
HAM = "lunch home later mum love see tonight ok sorry meeting bus sleep class movie dinner".split()
BOTH = "you the to your a is on for me it today week please reply message phone number".split()


def sms(spam):
    n = rng.integers(7, 16)
    main, other = (SPAM, HAM) if spam else (HAM, SPAM)
    kinds = rng.random(n)
    return " ".join(rng.choice(main if k < .40 else other if k < .46 else BOTH) for k in kinds)


y = (rng.random(1800) < 0.12).astype(np.int64)
text = [sms(t) for t in y]

# In [3]: hashed bag of words, no vocabulary needed
X = HashingVectorizer(n_features=256, norm="l2", alternate_sign=False).transform(text).toarray().astype(np.float32)


def fit_fold(tr, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Dropout(0.2), torch.nn.Linear(X.shape[1], 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.03, weight_decay=1e-3)
    w = np.where(y[tr] == 1, 0.5 / y[tr].mean(), 0.5 / (1 - y[tr].mean()))
    sampler = WeightedRandomSampler(torch.from_numpy(w), num_samples=len(tr), replacement=True)
    dl = DataLoader(TensorDataset(torch.from_numpy(X[tr]), torch.from_numpy(y[tr]).float()), 50, sampler=sampler)
    for epoch in range(5):
        net.train()
        hist = []
        for xb, yb in dl:
            opt.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(xb).ravel(), yb)
            loss.backward()
            opt.step()
            hist.append(loss.item())
    return net.eval(), np.mean(hist)


# In [4]: out-of-fold predictions
oof = np.zeros(len(y))
for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=SEED).split(X, y)):
    net, last = fit_fold(tr, SEED + fold)
    with torch.no_grad():
        oof[va] = torch.sigmoid(net(torch.from_numpy(X[va]))).ravel().numpy()
        seen = torch.sigmoid(net(torch.from_numpy(X[tr]))).ravel().numpy()
    print(f"fold {fold}: loss {last:.4f}  auc train {roc_auc_score(y[tr], seen):.4f}  valid {roc_auc_score(y[va], oof[va]):.4f}")

print("OOF auc %.4f   F1 at 0.5: %.4f   spam share %.3f" % (roc_auc_score(y, oof), f1_score(y, oof > 0.5), y.mean()))
