# %% which language is this tweet in?  (UMSAB, eight languages)  -- notebook exported to .py
import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import accuracy_score, confusion_matrix
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
langs = ["spanish", "english", "hindi", "german", "arabic", "french", "portuguese", "italian"]

# %% read 400 tweets of each language for training, 150 for validation


def read(split, n):
    x, y = [], []
    for k, lang in enumerate(langs):
        with open(f"{base}/{lang}/{split}_text.txt", encoding="utf-8") as f:
            tweets = [t.strip().replace("@user", "").replace("http", "") for t in f.read().split("\n")[:n]]
        tweets = [t for t in tweets if len(t) > 10]
        x += tweets
        y += [k] * len(tweets)
    return x, np.array(y)


xtr, ytr = read("train", 400)
xva, yva = read("val", 150)
known = set(xtr)
keep = [i for i, t in enumerate(xva) if t not in known]
xva, yva = [xva[i] for i in keep], yva[keep]

# %% character n-grams, hashed
hv = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 3), n_features=2048, norm="l2", alternate_sign=False)


class Tweets(Dataset):
    def __init__(self, texts, y):
        self.x = np.sqrt(hv.transform(texts).toarray()).astype(np.float32)
        self.y = y

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


train_dl = DataLoader(Tweets(xtr, ytr), batch_size=64, shuffle=True)
val_dl = DataLoader(Tweets(xva, yva), batch_size=256)

# %% model
# fault:
net = nn.Sequential(nn.Linear(2048, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
# mended:
# net = nn.Sequential(nn.Linear(2048, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(langs)))
# end
# fault:
criterion = nn.MSELoss()
# mended:
# criterion = nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)


def predict(dl):
    net.eval()
    out = []
    with torch.no_grad():
        for xb, _ in dl:
            # fault:
            out.append(net(xb).squeeze(1).round().clamp(0, len(langs) - 1).long())
            # mended:
            # out.append(net(xb).argmax(1))
            # end
    return torch.cat(out).numpy()


# %% train
for epoch in range(6):
    net.train()
    total = 0.0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        # fault:
        loss = criterion(net(xb).squeeze(1), yb.float())
        # mended:
        # loss = criterion(net(xb), yb)
        # end
        loss.backward()
        optimizer.step()
        total += loss.item() * len(yb)
    print(f"epoch {epoch}: loss {total / len(ytr):.4f}  val accuracy {accuracy_score(yva, predict(val_dl)):.3f}")

# %% report
pred = predict(val_dl)
cm = confusion_matrix(yva, pred, labels=range(len(langs)))
for k, lang in enumerate(langs):
    print(f"{lang:>11s} {cm[k, k] / cm[k].sum():.2f}", cm[k].tolist())
order = np.random.RandomState(0).permutation(len(ytr))[:800]
print("accuracy on 800 training tweets %.3f, on validation %.3f" % (
    accuracy_score(ytr[order], predict(DataLoader(Tweets([xtr[i] for i in order], ytr[order]), batch_size=256))), accuracy_score(yva, pred)))
