# SMS spam, 5 fold CV  (converted from my notebook)
# In[1]:
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import f1_score, roc_auc_score

def seed_everything(seed=2020):
    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)
seed_everything()

# In[2]: simulated messages (the real ones can't leave the company)
HAM = "see you later ok home dinner mum tomorrow sorry late meeting love call work bus thanks lol movie".split()
SPAM = "win free prize claim cash urgent txt offer ringtone guaranteed reply stop call award now".split()
BOTH = "the to a and i is in it your of for on have me my at call now ok".split()
def message(spam):
    n = random.randint(6, 14)
    return [random.choice((SPAM if spam else HAM) if random.random() < 0.3 else BOTH) for _ in range(n)]
y = (np.random.rand(1500) < 0.4).astype(int)
msgs = [message(s) for s in y]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(HAM + SPAM + BOTH)))}
MAX = 14
X = np.zeros((len(msgs), MAX), dtype=np.int64)
for i, m in enumerate(msgs):
    X[i, :len(m)] = [vocab[w] for w in m]

# In[3]:
class TextCNN(nn.Module):
    def __init__(self, emb_dim=24, n_filters=16, sizes=(1, 2)):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, emb_dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(emb_dim, n_filters, s) for s in sizes])
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(n_filters * len(sizes), 1)
    def forward(self, x):
        e = self.embedding(x).permute(0, 2, 1)
        pooled = [F.relu(c(e)).max(2)[0] for c in self.convs]
        return self.fc(self.dropout(torch.cat(pooled, 1))).view(-1)

BATCH, EPOCHS, LR = 50, 3, 8e-3
loss_fn = nn.BCEWithLogitsLoss()
oof = np.zeros(len(y))
# fault:
model = TextCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=LR)
# mended:
# end

# In[4]:
for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=2020).split(X, y)):
    model = TextCNN()
    # fault:
    # mended:
    # optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    # end
    x_tr, y_tr = torch.tensor(X[tr]), torch.tensor(y[tr], dtype=torch.float32)
    x_va = torch.tensor(X[va])
    for epoch in range(EPOCHS):
        model.train()
        avg_loss = 0.
        for b in torch.randperm(len(x_tr)).split(BATCH):
            loss = loss_fn(model(x_tr[b]), y_tr[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            avg_loss += loss.item() * len(b) / len(x_tr)
    model.eval()
    with torch.no_grad():
        oof[va] = torch.sigmoid(model(x_va)).numpy()
        tr_auc = roc_auc_score(y[tr], model(x_tr).numpy())
    print('fold %d  loss %.4f  train auc %.4f  val auc %.4f' % (fold, avg_loss, tr_auc, roc_auc_score(y[va], oof[va])))
print('OOF F1 %.4f  AUC %.4f' % (f1_score(y, oof > 0.5), roc_auc_score(y, oof)))
