# coding: utf-8
# # Kim CNN on SST-2, port of my old Keras notebook
# In[1]:
import os
import gzip
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 2018
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

DATA = os.environ["WORDFIT_DATA"]
MAXLEN = 26
EMB_DIM = 50
EPOCHS = 8
BS = 50

# In[2]:
def load(part):
    X, Y = [], []
    for line in open(os.path.join(DATA, "sentiment/SST-2-sentences/stsa.binary." + part), encoding="utf-8"):
        lab, txt = line.rstrip("\n").split(" ", 1)
        X.append(txt.split())
        Y.append(int(lab))
    return X, Y

train_x, train_y = load("train")
dev_x, dev_y = load("dev")
seen = set(" ".join(t) for t in train_x)
keep = [i for i, t in enumerate(dev_x) if " ".join(t) not in seen]
dev_x, dev_y = [dev_x[i] for i in keep], [dev_y[i] for i in keep]
print(len(train_x), "train", len(dev_x), "dev")

# In[3]:
words = set(w for t in train_x + dev_x for w in t)
word_index = {"<pad>": 0, "<unk>": 1}
rows = [np.zeros(EMB_DIM), np.random.normal(0, 0.4, EMB_DIM)]
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        if p[0] in words:
            word_index[p[0]] = len(word_index)
            rows.append(np.asarray(p[1:], dtype="float32"))
emb_matrix = torch.tensor(np.stack(rows), dtype=torch.float32)
print("embedding matrix", tuple(emb_matrix.shape))

# In[4]:
def pad_sequences(texts):
    out = np.zeros((len(texts), MAXLEN), dtype="int64")
    for i, t in enumerate(texts):
        ids = [word_index.get(w, 1) for w in t][:MAXLEN]
        out[i, :len(ids)] = ids
    return torch.from_numpy(out)

xtr, ytr = pad_sequences(train_x), torch.tensor(train_y)
xdv, ydv = pad_sequences(dev_x), torch.tensor(dev_y)

# In[5]:
class KimCNN(nn.Module):
    def __init__(self):
        super().__init__()
        # static channel, vectors stay as they are
        self.embedding = nn.Embedding.from_pretrained(emb_matrix, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(EMB_DIM, 24, k, padding=k - 1) for k in (1, 2, 3)])
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(72, 2)

    def forward(self, x):
        e = self.embedding(x).transpose(1, 2)
        feats = [F.relu(c(e)).max(dim=2)[0] for c in self.convs]
        return self.fc(self.drop(torch.cat(feats, 1)))

model = KimCNN()
crit = nn.CrossEntropyLoss()
# fault:
opt = torch.optim.Adadelta([p for p in model.parameters() if p.requires_grad], lr=0.001, rho=0.95)
# mended:
#opt = torch.optim.Adadelta([p for p in model.parameters() if p.requires_grad], lr=0.3, rho=0.95)
# end

# In[6]:
def evaluate(x, y):
    model.eval()
    with torch.no_grad():
        out = torch.cat([model(x[i:i + 500]) for i in range(0, len(x), 500)])
    return crit(out, y).item(), (out.argmax(1) == y).float().mean().item()

for ep in range(EPOCHS):
    model.train()
    perm = torch.randperm(len(xtr))
    tot = 0.
    for i in range(0, len(perm), BS):
        b = perm[i:i + BS]
        opt.zero_grad()
        loss = crit(model(xtr[b]), ytr[b])
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    vl, va = evaluate(xdv, ydv)
    print("Epoch %d/%d - loss: %.4f - val_loss: %.4f - val_acc: %.4f" % (ep + 1, EPOCHS, tot / len(xtr), vl, va))

print("train acc %.4f" % evaluate(xtr, ytr)[1])
print("dev acc %.4f" % evaluate(xdv, ydv)[1])
