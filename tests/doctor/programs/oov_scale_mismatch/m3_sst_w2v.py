# In[1]:
# Sentiment with word2vec features, copy of the embedding-matrix snippet everybody uses
import gzip
import os
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import StepLR

np.random.seed(0)
torch.manual_seed(0)
BASE = os.environ["WORDFIT_DATA"]
TOP_VECTORS = 13000

# In[2]:
def load(split):
    X, y = [], []
    for line in open(f"{BASE}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        lab, sent = line.strip().split(" ", 1)
        X.append(sent.split())
        y.append(float(lab))
    return X, y


train_x, train_y = load("train")
test_x, test_y = load("test")
seen = {" ".join(s) for s in train_x}
keep = [i for i, s in enumerate(test_x) if " ".join(s) not in seen]
test_x, test_y = [test_x[i] for i in keep], [test_y[i] for i in keep]
print(len(train_x), "train", len(test_x), "test", "pos", np.mean(train_y).round(3), np.mean(test_y).round(3))

# In[3]:
cnt = Counter(w for s in train_x + test_x for w in s)
word_index = {"<pad>": 0}
for w, _ in cnt.most_common():
    word_index[w] = len(word_index)
nb_words = len(word_index)

# In[4]:
w2v = {}
with gzip.open(f"{BASE}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n, embed_size = map(int, f.readline().split())
    for k, line in enumerate(f):
        if k == TOP_VECTORS:
            break
        w, rest = line.split(" ", 1)
        w2v[w] = np.array(rest.split(), dtype=np.float32)

all_embs = np.stack(list(w2v.values()))
emb_mean, emb_std = all_embs.mean(), all_embs.std()
# fault:
embedding_matrix = np.random.normal(0, 1, (nb_words, embed_size)).astype(np.float32)
# mended:
#embedding_matrix = np.random.normal(emb_mean, emb_std, (nb_words, embed_size)).astype(np.float32)
# end
embedding_matrix[0] = 0
hits = 0
for w, i in word_index.items():
    if w in w2v:
        embedding_matrix[i] = w2v[w]
        hits += 1
print("found", hits, "of", nb_words)

# In[5]:
maxlen = 40
def to_matrix(sents):
    m = np.zeros((len(sents), maxlen), dtype=np.int64)
    for r, s in enumerate(sents):
        ids = [word_index[w] for w in s][:maxlen]
        m[r, :len(ids)] = ids
    return torch.from_numpy(m)


xtr, ytr = to_matrix(train_x), torch.tensor(train_y)
xte, yte = to_matrix(test_x), torch.tensor(test_y)


# In[6]:
class AvgNet(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.l1 = nn.Linear(matrix.shape[1], 64)
        self.l2 = nn.Linear(64, 1)
        self.dp = nn.Dropout(0.4)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        avg = self.embed(x).sum(1) / n
        return self.l2(self.dp(torch.relu(self.l1(self.dp(avg))))).squeeze(-1)


net = AvgNet(embedding_matrix)
crit = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=4e-3)
sched = StepLR(optim, step_size=3, gamma=0.5)


@torch.no_grad()
def test(x, y):
    net.eval()
    z = torch.cat([net(c) for c in x.split(500)])
    net.train()
    return crit(z, y).item(), ((z > 0) == (y > 0.5)).float().mean().item()


# In[7]:
for epoch in range(9):
    order = torch.randperm(len(xtr))
    for b in order.split(64):
        optim.zero_grad()
        loss = crit(net(xtr[b]), ytr[b])
        loss.backward()
        optim.step()
    sched.step()
    l, a = test(xte, yte)
    print(f"epoch {epoch + 1}: last batch {loss.item():.3f} test loss {l:.3f} test acc {a:.4f}")

print("train: loss %.3f acc %.4f" % test(xtr, ytr))
print("test:  loss %.3f acc %.4f" % test(xte, yte))
