# coding: utf-8

# # Which language is this tweet in?
# Character trigrams, hashed. 3-fold cross-validation.

# In[1]:
import os
import zlib

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import StratifiedKFold

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
N_PER_LANG = 500
BUCKETS = 6000
np.random.seed(2020)
torch.manual_seed(2020)


# In[2]:
def trigrams(s):
    s = " " + s.lower().replace("@user", "").replace("http", "").strip() + " "
    return [zlib.crc32(s[i:i + 3].encode("utf8")) % BUCKETS for i in range(max(1, len(s) - 2))]


texts, labels = [], []
for k, lang in enumerate(LANGS):
    with open(os.path.join(ROOT, lang, "train_text.txt"), encoding="utf8") as f:
        lines = [l.strip() for l in f if l.strip()][:N_PER_LANG]
    texts += [trigrams(l) for l in lines]
    labels += [k] * len(lines)
labels = np.array(labels)
print(len(texts), "tweets", np.bincount(labels))


# In[3]:
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 24, mode="mean")
        self.fc1 = nn.Linear(24, 32)
        self.fc2 = nn.Linear(32, len(LANGS))

    def forward(self, flat, offsets):
        return self.fc2(torch.relu(self.fc1(self.bag(flat, offsets))))


def batch(idx):
    flat = np.concatenate([texts[i] for i in idx])
    offsets = np.cumsum([0] + [len(texts[i]) for i in idx[:-1]])
    return torch.from_numpy(flat).long(), torch.from_numpy(offsets).long(), torch.from_numpy(labels[idx]).long()


# In[4]:
model = Net()
print("parameters:", sum(p.numel() for p in model.parameters()))
# fault:
criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)
# mended:
# criterion = nn.CrossEntropyLoss()
# end

skf = StratifiedKFold(n_splits=3, shuffle=True, random_state=7)
oof = np.zeros((len(texts), len(LANGS)))

# In[5]:
for fold, (tr, va) in enumerate(skf.split(np.zeros(len(labels)), labels)):
    # fault:
    model = Net()
    # mended:
    # model = Net()
    # optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    # end
    for epoch in range(4):
        model.train()
        np.random.shuffle(tr)
        tot = 0.0
        for s in range(0, len(tr), 50):
            flat, off, y = batch(tr[s:s + 50])
            optimizer.zero_grad()
            loss = criterion(model(flat, off), y)
            loss.backward()
            optimizer.step()
            tot += loss.item() * len(y)
        print("fold %d epoch %d loss %.4f" % (fold, epoch, tot / len(tr)))
    model.eval()
    with torch.no_grad():
        flat, off, y = batch(va)
        oof[va] = model(flat, off).softmax(1).numpy()
    print("fold %d accuracy %.4f" % (fold, (oof[va].argmax(1) == labels[va]).mean()))

# In[6]:
print("out of fold accuracy %.4f" % (oof.argmax(1) == labels).mean())
