"""Character CNN with smoothed labels, then temperature scaling on the validation part (L-BFGS on one number).

Four languages of the same picture captions; first 24 characters only, so it's not trivial.
"""
import gzip, os
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(2)
HOME = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k"
LANG = ("en", "de", "fr", "cs")
LEN = 24
chars = {}


def fetch(split, per, start=0):
    """each language gets other pictures"""
    X, Y = [], []
    for k, l in enumerate(LANG):
        with gzip.open(f"{HOME}/{split}.{l}.gz", "rt", encoding="utf-8") as f:
            mine = [s for i, s in enumerate(f) if i % 4 == k]
        for s in mine[:per]:
            words = s.lower().split()
            s = " ".join(words[2:])[:LEN]           # skip the opening "a man ..."
            X.append(s.ljust(LEN))                  # filled up with ordinary blanks
            Y.append(k)
    return X, torch.tensor(Y)


def ids(X, grow=False):
    out = torch.zeros(len(X), LEN, dtype=torch.long)
    for i, s in enumerate(X):
        for j, c in enumerate(s):
            if grow:
                chars.setdefault(c, len(chars) + 1)
            out[i, j] = chars.get(c, 0)
    return out


Xtr, ytr = fetch("train", 700)
Xtr = ids(Xtr, grow=True)
Xva, yva = fetch("val", 200)
Xte, yte = fetch("test_2016_flickr", 200)
Xva, Xte = ids(Xva), ids(Xte)


class CharCNN(nn.Module):
    def __init__(self, n, d=12, f=16):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.convs = nn.ModuleList([nn.Conv1d(d, f, k) for k in (2, 3, 4)])
        self.bn = nn.BatchNorm1d(3 * f)
        self.do = nn.Dropout(0.3)
        self.fc = nn.Linear(3 * f, len(LANG))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        h = torch.cat([c(e).amax(2) for c in self.convs], 1)
        return self.fc(self.do(F.relu(self.bn(h))))


net = CharCNN(len(chars) + 1)
opt = torch.optim.NAdam(net.parameters(), lr=4e-3)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)


def predict(x):
    net.eval()
    with torch.no_grad():
        return net(x)


def ece(z, y, bins=10):
    p, k = z.softmax(1).max(1)
    ok = (k == y).float()
    which = (p * bins).long().clamp(max=bins - 1)
    return sum((which == b).float().mean().item() * abs(p[which == b].mean() - ok[which == b].mean()).item()
               for b in range(bins) if (which == b).any())


for ep in range(6):
    net.train()
    if ep == 4:
        for g in opt.param_groups:
            g["lr"] /= 5
    tot = 0.0
    for i in torch.randperm(len(Xtr)).split(70):
        opt.zero_grad()
        l = crit(net(Xtr[i]), ytr[i])
        l.backward()
        opt.step()
        tot += l.item() * len(i)
    print(f"{ep}  smoothed loss {tot / len(Xtr):.3f}  train acc {(predict(Xtr).argmax(1) == ytr).float().mean():.3f}"
          f"  val acc {(predict(Xva).argmax(1) == yva).float().mean():.3f}")

zv, zt = predict(Xva), predict(Xte)
log_t = torch.zeros(1, requires_grad=True)
lb = torch.optim.LBFGS([log_t], lr=0.5, max_iter=30)


def nll():
    lb.zero_grad()
    v = F.cross_entropy(zv / log_t.exp(), yva)
    v.backward()
    return v


lb.step(nll)
T = log_t.detach().exp()
print(f"temperature {T.item():.3f}")
for name, z in (("raw", zt), ("scaled", zt / T)):
    print(f"test {name:7s} acc {(z.argmax(1) == yte).float().mean():.3f}  nll {F.cross_entropy(z, yte):.3f}  ece {ece(z, yte):.3f}")
