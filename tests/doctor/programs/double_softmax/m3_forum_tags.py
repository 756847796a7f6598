# In[1]:
# Guess the sub-forum (40 of them) from the tags of a post. Tabular-ish playground competition.
import csv
import io
import random

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import nn

SEED = 5
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

N_FORUMS, N_TAGS, MAX_TAGS = 40, 600, 10

# In[2]: simulated export of the competition (id, tags, forum)
rng = np.random.RandomState(SEED)
popular = rng.dirichlet(np.full(N_TAGS, 0.3))
profile = np.stack([0.75 * rng.dirichlet(np.full(N_TAGS, 0.015)) + 0.25 * popular for _ in range(N_FORUMS)])
buf = io.StringIO()
w = csv.writer(buf)
w.writerow(["id", "tags", "forum"])
for k in range(4000):
    forum = k % N_FORUMS
    tags = rng.choice(N_TAGS, size=rng.randint(4, MAX_TAGS + 1), p=profile[forum])
    w.writerow([k, " ".join(f"tag_{t}" for t in tags), f"forum_{forum:02d}"])
buf.seek(0)

# In[3]: read without pandas
rows = list(csv.DictReader(buf))
forums = sorted({r["forum"] for r in rows})
tag2id = {"<pad>": 0}
X = np.zeros((len(rows), MAX_TAGS), dtype=np.int64)
y = np.array([forums.index(r["forum"]) for r in rows])
for i, r in enumerate(rows):
    for j, t in enumerate(sorted(r["tags"].split())):
        X[i, j] = tag2id.setdefault(t, len(tag2id))
X, uniq = np.unique(X, axis=0, return_index=True)
y = y[uniq]
print("rows", X.shape, "tags", len(tag2id), "classes", len(forums))


# In[4]: model
class TagNet(nn.Module):
    def __init__(self, n_tags, n_out, dim=48):
        super().__init__()
        self.table = nn.Embedding(n_tags, dim, padding_idx=0)
        self.bn = nn.BatchNorm1d(dim)
        self.drop = nn.Dropout(0.3)
        self.hidden = nn.Linear(dim, 96)
        # fault:
        self.out = nn.Sequential(nn.Linear(96, n_out), nn.Softmax(dim=1))
        # mended:
        #self.out = nn.Sequential(nn.Linear(96, n_out))
        # end

    def forward(self, x):
        m = (x != 0).float().unsqueeze(-1)
        e = (self.table(x) * m).sum(1) / m.sum(1).clamp(min=1)
        h = torch.relu(self.hidden(self.drop(self.bn(e))))
        return self.out(self.drop(h))


def accuracy(net, x, t):
    net.eval()
    with torch.no_grad():
        p = torch.cat([net(c).argmax(1) for c in x.split(512)])
    net.train()
    return (p == t).float().mean().item()


# In[5]: 3 folds
X, y = torch.from_numpy(X), torch.from_numpy(y)
skf = StratifiedKFold(n_splits=3, shuffle=True, random_state=SEED)
scores = []
for fold, (tr, va) in enumerate(skf.split(X.numpy(), y.numpy())):
    torch.manual_seed(SEED + fold)
    net = TagNet(len(tag2id), len(forums))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9, nesterov=True, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12, eta_min=0.01)
    criterion = nn.CrossEntropyLoss()
    xt, yt, xv, yv = X[tr], y[tr], X[va], y[va]
    best, wait = 0.0, 0
    for epoch in range(12):
        perm = torch.randperm(len(xt))
        running = 0.0
        for b in perm.split(64):
            if len(b) < 2:
                continue
            optimizer.zero_grad()
            loss = criterion(net(xt[b]), yt[b])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(b)
        sched.step()
        acc = accuracy(net, xv, yv)
        print(f"fold {fold} epoch {epoch} loss {running / len(xt):.4f} val acc {acc:.4f}")
        if acc > best:
            best, wait = acc, 0
        else:
            wait += 1
            if wait >= 3:
                break
    print(f"--- fold {fold} train {accuracy(net, xt, yt):.4f} val {accuracy(net, xv, yv):.4f}")
    scores.append(accuracy(net, xv, yv))

# In[6]:
print("CV accuracy %.4f +- %.4f, random guess %.4f" % (np.mean(scores), np.std(scores), 1 / len(forums)))
