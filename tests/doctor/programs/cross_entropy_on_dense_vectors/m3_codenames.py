# codenames_guesser.ipynb -> exported script
# Idea: given three hint words, guess the secret word (its glove vector).

# In[1]:
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 2024
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

# In[2]:
words, rows = [], []
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        p = line.rstrip("\n").split(" ")
        if not p[0].isalpha() or len(p[0]) < 3:
            continue
        words.append(p[0])
        rows.append(np.array(p[1:], dtype=np.float32))
        if len(words) == 4000:
            break
glove = torch.from_numpy(np.stack(rows))
glove = glove - glove.mean(0)
glove = F.normalize(glove, dim=1)
print("glove", glove.shape)

# In[3]:
# hints of a word = random three out of its ten nearest neighbours
with torch.no_grad():
    sims = glove @ glove.t()
    sims.fill_diagonal_(-1)
    near = sims.topk(10, dim=1).indices

order = np.random.permutation(len(words))
dev_secret = order[:600]
train_secret = order[600:]


def make(secrets, n_each):
    X, y = [], []
    for s in secrets:
        for _ in range(n_each):
            X.append(random.sample(near[s].tolist(), 3))
            y.append(int(s))
    return torch.tensor(X), torch.tensor(y)


Xtr, ytr = make(train_secret, 4)
Xdv, ydv = make(dev_secret, 1)
print("train", Xtr.shape, "dev", Xdv.shape)
print("example:", [words[i] for i in Xtr[0]], "->", words[ytr[0]])


# In[4]:
class Guesser(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # pretrained vectors stay as they are
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True)
        d = vectors.size(1)
        self.hidden = nn.Linear(3 * d, 192)
        self.out = nn.Linear(192, d)
        self.drop = nn.Dropout(0.05)

    def forward(self, hints):
        e = self.emb(hints)
        h = torch.tanh(self.hidden(e.flatten(1)))
        return self.out(self.drop(h))


net = Guesser(glove)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
# fault:
loss_fn = nn.CrossEntropyLoss()
# mended:
#loss_fn = nn.MSELoss()
# end


# In[5]:
def guess_rank(X, y):
    net.eval()
    with torch.no_grad():
        dist = torch.cdist(net(X), glove)
        # hints themselves can never be the answer
        dist.scatter_(1, X, 1e9)
        gold = dist.gather(1, y[:, None])
        rank = (dist < gold).sum(1) + 1
    net.train()
    return (rank <= 10).float().mean().item(), rank.float().median().item()


# In[6]:
EPOCHS, BS = 14, 128
for ep in range(EPOCHS):
    perm = torch.randperm(len(Xtr))
    tot = 0.0
    for i in range(0, len(perm), BS):
        b = perm[i:i + BS]
        pred = net(Xtr[b])
        loss = loss_fn(pred, glove[ytr[b]])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    hit, med = guess_rank(Xdv, ydv)
    print(f"epoch {ep:2d} loss {tot / len(perm):.4f} dev hit@10 {hit:.3f} median rank {med:.0f}")

# In[7]:
hit_tr, _ = guess_rank(Xtr[:1500], ytr[:1500])
hit_dv, med = guess_rank(Xdv, ydv)
print(f"FINAL hit@10 train {hit_tr:.3f} dev {hit_dv:.3f} (chance {10 / len(words):.4f}), median rank {med:.0f}")
