# TweetEval emotion (anger, joy, optimism, sadness) with GloVe Twitter 25d -- notebook exported as a script
import gzip, os, re
from collections import Counter
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)

# In [2]:
def load(split):
    d = os.path.join(ROOT, "sentiment/tweeteval/emotion")
    texts = open(f"{d}/{split}_text.txt", encoding="utf-8").read().split("\n")
    labels = open(f"{d}/{split}_labels.txt").read().split()
    return [re.findall(r"[a-z']+|[!?]", t.lower()) for t in texts[:len(labels)]], np.array(labels, dtype=int)

train_x, train_y = load("train")
val_x, val_y = load("val")
print(len(train_x), len(val_x))

# In [3]:
counts = Counter(w for t in train_x for w in t)
itos = ["<pad>", "<unk>"] + [w for w, c in counts.most_common() if c >= 2]
stoi = {w: i for i, w in enumerate(itos)}
# fault:
weights = np.random.RandomState(0).normal(scale=0.5, size=(len(itos), 25))
# mended:
# weights = np.random.RandomState(0).normal(scale=0.5, size=(len(itos), 25)).astype(np.float32)
# end
weights[0] = 0
hits = 0
with gzip.open(f"{ROOT}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        if parts[0] in stoi:
            weights[stoi[parts[0]]] = [float(v) for v in parts[1:]]
            hits += 1
print("vectors for", hits, "of", len(itos))

# In [4]:
def batchify(xs, n=32):
    out = np.zeros((len(xs), n), dtype=np.int64)
    for i, t in enumerate(xs):
        ids = [stoi.get(w, 1) for w in t][:n] or [1]
        out[i, :len(ids)] = ids
    return torch.from_numpy(out)

X, V = batchify(train_x), batchify(val_x)
Y, VY = torch.from_numpy(train_y), torch.from_numpy(val_y)

class KimCNN(nn.Module):
    def __init__(self, w, n_class=4):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.from_numpy(w), freeze=False, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(25, 40, k, padding=k - 1) for k in (1, 2, 3))
        self.fc = nn.Linear(120, n_class)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        e = F.dropout(self.embed(x), 0.2, self.training).transpose(1, 2)
        return self.fc(self.drop(torch.cat([F.relu(c(e)).max(-1)[0] for c in self.convs], 1)))

# In [5]:
net = KimCNN(weights)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    net.train()
    for idx in torch.randperm(len(X)).split(64):
        opt.zero_grad()
        F.cross_entropy(net(X[idx]), Y[idx]).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        p = net(V).argmax(1)
        tr = (net(X).argmax(1) == Y).float().mean()
    f1 = []
    for c in range(4):
        tp = ((p == c) & (VY == c)).sum().item()
        f1.append(2 * tp / max(1, (p == c).sum().item() + (VY == c).sum().item()))
    print("epoch %d train acc %.3f val acc %.3f macro-F1 %.3f" % (epoch, tr, (p == VY).float().mean(), np.mean(f1)))
