"""Financial PhraseBank, three unequal classes (59 / 28 / 13 per cent).
Class-balanced sampling so that every batch has about a third of each; judged by macro F1 on the natural mix."""
import os, re, gzip
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

SEED = 2024
torch.manual_seed(SEED); np.random.seed(SEED)
NAMES = ["negative", "neutral", "positive"]

path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
data = {}
for raw in open(path, encoding="latin-1"):
    sent, _, tag = raw.rstrip().rpartition("@")
    # numbers are all alike to us
    sent = re.sub(r"\d[\d.,]*", "0", sent.lower())
    data.setdefault(" ".join(sent.split()), NAMES.index(tag))
X_text, y = list(data), np.array(list(data.values()))
tr, te, ytr, yte = train_test_split(X_text, y, test_size=0.2, stratify=y, random_state=SEED)

vec = TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True, max_features=1500, token_pattern=r"[a-z]+|0|%")
Xtr = torch.tensor(vec.fit_transform(tr).toarray(), dtype=torch.float32)
Xte = torch.tensor(vec.transform(te).toarray(), dtype=torch.float32)
ytr, yte = torch.tensor(ytr), torch.tensor(yte)

freq = torch.bincount(ytr).float()
print("class counts", freq.tolist())
sampler = WeightedRandomSampler((1.0 / freq)[ytr], num_samples=len(ytr), replacement=True)
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=64, sampler=sampler)

clf = torch.nn.Linear(Xtr.shape[1], 3)
torch.nn.init.zeros_(clf.weight); torch.nn.init.zeros_(clf.bias)      # a convex problem: zero is a fine start
opt = torch.optim.SGD(clf.parameters(), lr=3.0, momentum=0.9, weight_decay=5e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)
loss_fn = torch.nn.CrossEntropyLoss()

for epoch in range(6):
    tot = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(clf(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    with torch.no_grad():
        f_tr = f1_score(ytr, clf(Xtr).argmax(1), average="macro")
        f_te = f1_score(yte, clf(Xte).argmax(1), average="macro")
    print(f"[{epoch}] loss {tot / len(loader):.4f}  macro-F1 train {f_tr:.3f}  test {f_te:.3f}")

with torch.no_grad():
    print(classification_report(yte, clf(Xte).argmax(1), target_names=NAMES, digits=3))
