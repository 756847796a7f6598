# -*- coding: utf-8 -*-
# Playlist mood (sad / neutral / happy) from the track ids in it. Hackathon notebook, exported.

# +
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import confusion_matrix, f1_score

np.random.seed(42)
torch.manual_seed(42)

N_TRACKS, MAX_TRACKS = 240, 80

# +
valence = np.random.uniform(-1, 1, N_TRACKS + 1)      # hidden "mood" of each track, id 0 is the filler


def sample_playlist():
    n = int(np.clip(np.random.lognormal(2.0, 1.0), 3, MAX_TRACKS))
    taste = np.random.uniform(-1, 1)
    p = np.exp(-3.0 * np.abs(valence[1:] - taste))
    ids = np.random.choice(np.arange(1, N_TRACKS + 1), size=n, replace=False, p=p / p.sum())
    m = valence[ids].mean()
    return ids, int(m > -0.2) + int(m > 0.2)


rows, seen = [], set()
while len(rows) < 3000:
    ids, y = sample_playlist()
    key = tuple(sorted(ids))
    if key not in seen:
        seen.add(key)
        rows.append((ids, y))

X = np.zeros((len(rows), MAX_TRACKS), dtype=np.int64)
y = np.array([r[1] for r in rows])
for i, (ids, _) in enumerate(rows):
    X[i, :len(ids)] = ids
X, y = torch.tensor(X), torch.tensor(y)
X_train, y_train, X_test, y_test = X[:2400], y[:2400], X[2400:], y[2400:]
print("class counts", np.bincount(y_train), "median length", np.median([len(r[0]) for r in rows]))


# +
class MoodNet(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.track = nn.Embedding(N_TRACKS + 1, dim, padding_idx=0)
        self.proj = nn.Sequential(nn.Linear(dim, 16), nn.Tanh())
        self.out = nn.Linear(16, 3)

    def forward(self, ids):
        h = self.proj(self.track(ids))
        # fault:
        pooled = h.mean(dim=1)
        # mended:
        #mask = (ids != 0).unsqueeze(-1).float()
        #pooled = (h * mask).sum(dim=1) / mask.sum(dim=1)
        # end
        return self.out(pooled)


net = MoodNet()
opt = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=1e-3)
loss_fn = nn.CrossEntropyLoss()
EPOCHS = 10
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=EPOCHS)

# +
history = []
for epoch in range(EPOCHS):
    net.train()
    shuffled = torch.randperm(len(X_train))
    ep_loss = []
    for start in range(0, len(shuffled), 64):
        take = shuffled[start:start + 64]
        loss = loss_fn(net(X_train[take]), y_train[take])
        opt.zero_grad()
        loss.backward()
        opt.step()
        ep_loss.append(loss.item())
    sched.step()
    net.eval()
    with torch.no_grad():
        logits = net(X_test)
        history.append((np.mean(ep_loss), loss_fn(logits, y_test).item(), (logits.argmax(1) == y_test).float().mean().item()))
    print("epoch %2d  train loss %.3f  test loss %.3f  test acc %.3f" % ((epoch + 1,) + history[-1]))

# +
pred = logits.argmax(1)
with torch.no_grad():
    train_acc = (net(X_train).argmax(1) == y_train).float().mean().item()
print(confusion_matrix(y_test, pred))
print("train acc %.3f  test acc %.3f  macro F1 %.3f" % (train_acc, history[-1][2], f1_score(y_test, pred, average="macro")))
