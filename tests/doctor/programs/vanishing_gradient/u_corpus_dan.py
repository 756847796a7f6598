# Deep averaging network (Iyyer et al. 2015): which corpus does a passage come from?
import gzip, os, re
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
rng = np.random.RandomState(1)
root = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
SOURCES = ["brown", "reuters-21578-bodies", "imdb-unsup-25k", "enwiki-2018-sample"]
N, LEN = 1500, 60

passages, labels = [], []
for k, name in enumerate(SOURCES):
    with gzip.open(os.path.join(root, name + ".txt.gz"), "rt", encoding="utf-8", errors="replace") as f:
        text = f.read(800_000)
    toks = re.findall(r"[a-z]+", text.lower().replace("<br />", " "))
    starts = rng.choice(len(toks) // LEN - 1, N, replace=False) * LEN
    for s in starts:
        passages.append(toks[s:s + LEN])
        labels.append(k)
labels = np.array(labels)
order = rng.permutation(len(labels))
cut = int(0.8 * len(order))
tr, te = order[:cut], order[cut:]

counts = {}
for i in tr:
    for w in passages[i]:
        counts[w] = counts.get(w, 0) + 1
words = [w for w, c in sorted(counts.items(), key=lambda x: -x[1]) if c >= 5][:1500]
ix = {w: i + 1 for i, w in enumerate(words)}         # 0 = any other word
X = torch.tensor([[ix.get(w, 0) for w in p] for p in passages])
Y = torch.tensor(labels)


class DAN(nn.Module):
    def __init__(self, vocab, dim=32, width=48, depth=8, classes=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.word_drop = 0.5
        self.norm = nn.LayerNorm(dim)
        self.layers = nn.ModuleList([nn.Linear(dim if i == 0 else width, width) for i in range(depth)])
        self.top = nn.Linear(width, classes)
        for l in self.layers:
            nn.init.kaiming_uniform_(l.weight, nonlinearity="relu")
            nn.init.zeros_(l.bias)

    def forward(self, x):
        e = self.emb(x)
        if self.training:                              # word dropout, mean over those kept
            keep = (torch.rand(x.shape) > self.word_drop).float().unsqueeze(-1)
            h = (e * keep).sum(1) / keep.sum(1).clamp(min=1)
        else:
            h = e.mean(1)
        h = self.norm(h)
        for l in self.layers:
            # fault:
            h = torch.sigmoid(l(h))
            # mended:
            # h = F.relu(l(h))
            # end
        return self.top(h)


model = DAN(len(words) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=3 * (cut // 64 + 1))
loader = DataLoader(TensorDataset(X[tr], Y[tr]), batch_size=64, shuffle=True)


def accuracy(idx):
    model.eval()
    with torch.no_grad():
        return (model(X[idx]).argmax(1) == Y[idx]).float().mean().item()


for epoch in range(3):
    model.train()
    tot = 0
    for xb, yb in loader:
        loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sched.step()
        tot += loss.item() * len(yb)
    print("epoch %d loss %.4f" % (epoch, tot / len(tr)))
print("train acc %.3f" % accuracy(tr))
print("test  acc %.3f (chance 0.25)" % accuracy(te))
