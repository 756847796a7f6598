"""
Offensive tweets (a third of the rows is offensive).  A tf-idf model with a small network behind it;
the loss weighs the rare class up, the threshold is picked on the validation part and reported on test.
"""
import os
from os.path import join

import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score, balanced_accuracy_score
from torch.utils.data import DataLoader, TensorDataset

SEED = 1234
torch.manual_seed(SEED)
folder = join(os.environ["WORDFIT_DATA"], "sentiment", "tweeteval", "offensive")


def read_split(name):
    with open(join(folder, name + "_text.txt"), encoding="utf-8") as f:
        texts = [t.strip().replace("@user", "") for t in f]
    with open(join(folder, name + "_labels.txt")) as f:
        labels = [int(l) for l in f]
    return texts, np.array(labels, dtype=np.float32)


train_t, train_y = read_split("train")
val_t, val_y = read_split("val")
test_t, test_y = read_split("test")
outside = set(val_t) | set(test_t)
keep = [i for i, t in enumerate(train_t) if t not in outside][:9000]
train_t, train_y = [train_t[i] for i in keep], train_y[keep]

tfidf = TfidfVectorizer(min_df=20, max_features=800, sublinear_tf=True)
X = torch.from_numpy(tfidf.fit_transform(train_t).toarray().astype(np.float32))
Xv, Xt = [torch.from_numpy(tfidf.transform(t).toarray().astype(np.float32)) for t in (val_t, test_t)]
y = torch.from_numpy(train_y)

model = nn.Sequential(nn.Dropout(0.5), nn.Linear(X.shape[1], 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 1), nn.Flatten(0))
ratio = (y == 0).sum() / (y == 1).sum()
print("features", X.shape[1], "pos_weight %.2f" % ratio)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=ratio)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda e: 0.5)
loader = DataLoader(TensorDataset(X, y), batch_size=100, shuffle=True)


def scores(A):
    model.eval()
    with torch.no_grad():
        return torch.sigmoid(model(A)).numpy()


for epoch in range(5):
    model.train()
    seen = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()
        seen += loss.item() * len(xb)
    sched.step()
    pv = scores(Xv)
    print(f"epoch {epoch}  loss {seen / len(X):.4f}  val balanced acc {balanced_accuracy_score(val_y, pv > .5):.4f}")

cuts = np.linspace(0.3, 0.7, 21)
best = max(cuts, key=lambda c: f1_score(val_y, pv > c, average="macro"))
ptr, pt = scores(X), scores(Xt)
print(f"cut {best:.2f}  macro-F1 train {f1_score(train_y, ptr > best, average='macro'):.4f}  "
      f"test {f1_score(test_y, pt > best, average='macro'):.4f}  "
      f"(all majority {f1_score(test_y, np.zeros(len(test_y)), average='macro'):.4f})")
