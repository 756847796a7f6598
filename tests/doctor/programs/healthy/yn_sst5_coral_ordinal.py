# Five-star phrases as an ORDINAL problem (CORAL: one score, four shared thresholds), word2vec vectors, only 100 parameters or so are learned
import gzip, os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(99)
D = os.environ["WORDFIT_DATA"]

needed = {w for part in ('train', 'test') for l in open(f"{D}/sentiment/SST-5/stsa.fine.{part}", encoding="utf-8", errors="replace") for w in l.split()[1:]}
word2vec = {}
with gzip.open(D + "/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n, dim = map(int, f.readline().split())        # header of the word2vec format
    for line in f:
        i = line.index(" ")
        if line[:i] in needed:
            word2vec[line[:i]] = np.fromstring(line[i + 1:], dtype=np.float32, sep=" ")
assert all(len(v) == dim for v in list(word2vec.values())[:100])

def features(sentence):
    vs = [word2vec[w] for w in sentence.split() if w in word2vec]
    if not vs:
        return None
    vs = np.stack(vs)
    return np.concatenate([vs.mean(0), vs.sum(0) / len(vs) ** .5])

def load(part, skip=()):
    X, y, texts = [], [], set()
    for line in open(f"{D}/sentiment/SST-5/stsa.fine.{part}", encoding="utf-8", errors="replace"):
        lab, text = line.strip().split(" ", 1)
        if text in skip or text in texts:
            continue
        f = features(text)
        if f is not None:
            X.append(f); y.append(int(lab)); texts.add(text)
    return torch.tensor(np.stack(X)), torch.tensor(y), texts

Xte, yte, seen = load("test")
Xtr, ytr, _ = load("train", skip=seen)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
K = 5
levels = lambda y: (y[:, None] > torch.arange(K - 1)).float()      # 3 -> 1 1 1 0

class Coral(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.w = nn.Linear(d, 1, bias=False)
        self.cut = nn.Parameter(torch.tensor([2., .7, -.7, -2.]))
        nn.init.normal_(self.w.weight, std=0.01)
    def forward(self, x):
        return self.w(self.drop(x)) + self.cut       # (N,1) + (4,) -> (N,4), wanted

net = Coral(Xtr.shape[1])
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.05)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
bce = nn.BCEWithLogitsLoss()
loader = DataLoader(TensorDataset(Xtr, levels(ytr)), batch_size=128, shuffle=True)

def report(X, y):
    net.eval()
    with torch.no_grad():
        z = net(X)
        pred = (z > 0).sum(1)
    net.train()
    return bce(z, levels(y)).item(), (pred - y).abs().float().mean().item(), (pred == y).float().mean().item()

base_mae = (yte - ytr.median()).abs().float().mean().item()
for epoch in range(6):
    for xb, tb in loader:
        opt.zero_grad()
        bce(net(xb), tb).backward()
        opt.step()
    sched.step()
    print("ep", epoch, "train loss/mae/acc %.3f %.3f %.3f" % report(Xtr, ytr), "| test %.3f %.3f %.3f" % report(Xte, yte))
print(f"median baseline mae {base_mae:.3f}; thresholds {net.cut.detach().numpy().round(2)}")
