# Kaggle classic: 3 folds, out-of-fold score, predictions of the folds averaged for the test part
import numpy as np
import torch
from torch import nn
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import roc_auc_score

def seed_everything(s=1029):
    np.random.seed(s)
    torch.manual_seed(s)

seed_everything()
n, vocab, L = 3300, 200, 12
effect = np.random.randn(vocab) * (np.random.rand(vocab) < 0.4)
effect[0] = 0
lens = np.random.randint(5, L + 1, n)
X = np.random.randint(1, vocab, (n, L)) * (np.arange(L) < lens[:, None])
signal = effect[X].sum(1) / np.sqrt(lens)
y = (signal > np.median(signal)).astype('float32')
X_train, y_train, X_test, y_test = X[:2700], y[:2700], X[2700:], y[2700:]

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(vocab, 8, padding_idx=0)
        self.attn = nn.Linear(8, 1)
        self.out = nn.Linear(8, 1)
        self.spatial = nn.Dropout(0.1)
    def forward(self, x):
        e = self.emb(x)
        pad = x == 0
        w = self.attn(e).squeeze(-1).masked_fill(pad, -1e9).softmax(-1)
        return self.out(self.spatial((w.unsqueeze(-1) * e).sum(1))).squeeze(-1)

def predict(m, x):
    m.eval()
    with torch.no_grad():
        return torch.sigmoid(m(torch.from_numpy(x))).numpy()

oof, blend = np.zeros(len(X_train)), np.zeros(len(X_test))
for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=1).split(X_train, y_train)):
    seed_everything(1029 + fold)
    m = Model()
    opt = torch.optim.Adam(m.parameters(), lr=0.02, weight_decay=1e-5)
    xt, yt = torch.from_numpy(X_train[tr]), torch.from_numpy(y_train[tr])
    for epoch in range(5):
        m.train()
        total = 0.
        for b in torch.randperm(len(tr)).split(60):
            loss = nn.functional.binary_cross_entropy_with_logits(m(xt[b]), yt[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b) / len(tr)
    oof[va] = predict(m, X_train[va])
    blend += predict(m, X_test) / 3
    print(f'fold {fold} loss {total:.4f} auc {roc_auc_score(y_train[va], oof[va]):.4f}')
print(f'OOF auc {roc_auc_score(y_train, oof):.4f}   test auc of the blend {roc_auc_score(y_test, blend):.4f}')
