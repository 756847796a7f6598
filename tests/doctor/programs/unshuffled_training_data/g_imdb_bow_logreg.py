# Lab 2: logistic regression on IMDB with PyTorch's data utilities
import csv, gzip, os, sys
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, confusion_matrix
from torch.utils.data import DataLoader, TensorDataset

csv.field_size_limit(10 ** 7)
torch.manual_seed(1)
np.random.seed(1)
FOLDER = os.environ["WORDFIT_DATA"] + "/sentiment/imdb/"


def load(split, per_class):
    texts, labels = [], []
    count = {"0": 0, "1": 0}
    with gzip.open(FOLDER + split + ".tsv.gz", "rt", encoding="utf-8") as f:
        next(f)                                   # label rating id text
        for line in f:
            label, rating, _, text = line.rstrip("\n").split("\t", 3)
            if count[label] < per_class:
                count[label] += 1
                texts.append(text[:1000])
                labels.append(int(label))
            elif min(count.values()) == per_class:
                break
    return texts, np.array(labels)


train_x, train_y = load("train", 1800)
test_x, test_y = load("test", 400)

vec = TfidfVectorizer(max_features=900, min_df=10, stop_words=None, sublinear_tf=True)
Xtr = torch.tensor(vec.fit_transform(train_x).toarray(), dtype=torch.float32)
Xte = torch.tensor(vec.transform(test_x).toarray(), dtype=torch.float32)
ytr = torch.tensor(train_y, dtype=torch.float32)
print("shapes", Xtr.shape, Xte.shape, "class balance", ytr.mean().item())

# fault:
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=30)
# mended:
# loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=30, shuffle=True)
# end

w = torch.nn.Linear(Xtr.shape[1], 1)
criterion = torch.nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(w.parameters(), lr=0.25, momentum=0.9, weight_decay=5e-4)


def predict(x):
    with torch.no_grad():
        return (w(x).squeeze(1) > 0).int().numpy()


for epoch in range(5):
    epoch_loss = 0
    for features, target in loader:
        optimizer.zero_grad()
        out = w(features).squeeze(1)
        loss = criterion(out, target)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    print("Epoch %d/5, loss = %.4f, train accuracy = %.3f, test accuracy = %.3f" % (
        epoch + 1, epoch_loss / len(loader), accuracy_score(train_y, predict(Xtr)), accuracy_score(test_y, predict(Xte))))
print(confusion_matrix(test_y, predict(Xte)))
