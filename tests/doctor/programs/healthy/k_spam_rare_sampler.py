# Fraud notes are 6 % of the desk's mail. WeightedRandomSampler evens the batches out; scores are then read with a
# threshold taken from the validation part, and reported as average precision and F1 (accuracy says nothing here).
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, WeightedRandomSampler
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

g = np.random.default_rng(31)
torch.manual_seed(31)

normal = "meeting invoice order delivery friday monday customer offer price list manager lunch train flight hotel contract draft".split()
common = "hello dear regards please thanks attached find your the we will send information account number question soon".split()
fraud = "urgent transfer wallet inheritance password verify prince confidential bitcoin lottery unlock immediately".split()
words = ["<pad>"] + normal + common + fraud
lookup = {w: i for i, w in enumerate(words)}
LEN = 16


def note(bad):
    n = g.integers(7, LEN + 1)
    p_f = g.uniform(.12, .4) if bad else (.03 if g.random() < .5 else 0.)
    p_n = g.uniform(.05, .2) if bad else g.uniform(.2, .5)
    out = []
    for u in g.random(n):
        src = fraud if u < p_f else normal if u < p_f + p_n else common
        out.append(lookup[src[g.integers(len(src))]])
    return out + [0] * (LEN - n)


y = (g.random(6000) < .06).astype(np.int64)
X = torch.tensor([note(b) for b in y])
y = torch.tensor(y, dtype=torch.float32)
parts = dict(train=slice(0, 4000), valid=slice(4000, 5000), test=slice(5000, 6000))
print({k: (int(y[s].sum()), len(y[s])) for k, s in parts.items()})

yt = y[parts["train"]]
freq = torch.bincount(yt.long()).float()
sampler = WeightedRandomSampler((1 / freq)[yt.long()], num_samples=3000, replacement=True)
loader = DataLoader(TensorDataset(X[parts["train"]], yt), batch_size=60, sampler=sampler)


class MaxMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words), 16, padding_idx=0)
        self.f = nn.Sequential(nn.Dropout(.2), nn.Linear(16, 1))

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.f(self.e(x).sum(1) / n).squeeze(1)      # row 0 is zero and stays zero


net = MaxMean()
opt = torch.optim.SGD(net.parameters(), lr=0.7, momentum=.9)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)


def probs(s):
    net.eval()
    with torch.no_grad():
        return torch.sigmoid(net(X[s])).numpy()


for ep in range(6):
    net.train()
    tot = 0
    for xb, yb in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(net(xb), yb)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    sch.step()
    print(f"[{ep}] balanced loss {tot / len(loader):.3f}  valid AP {average_precision_score(y[parts['valid']], probs(parts['valid'])):.3f}")

pr, rc, th = precision_recall_curve(y[parts["valid"]], probs(parts["valid"]))
cut = th[np.argmax(2 * pr[:-1] * rc[:-1] / (pr[:-1] + rc[:-1] + 1e-9))]
print("threshold from the validation part: %.2f" % cut)
for name, s in parts.items():
    p = probs(s)
    print(f"{name:>5}: AP {average_precision_score(y[s], p):.3f} F1 {f1_score(y[s], p > cut):.3f}  base rate {y[s].mean():.3f}")
