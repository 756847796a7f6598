# Ordinal regression (cumulative link, 5 grades, rare high grades) with learned, ordered cut points. Scored by QWK.
import numpy as np, torch
from torch import nn
from sklearn.metrics import cohen_kappa_score, balanced_accuracy_score
rng = np.random.default_rng(12); torch.manual_seed(12)
SEVERITY = dict(zip("typo question slow wrong missing broken loss outage breach fire".split(), [-2, -1.5, .2, .5, .8, 1.5, 2, 2.6, 3, 3.5]))
MODIFIER = dict(zip("slightly maybe sometimes often very everywhere customer test".split(), [-.8, -.6, -.3, .5, .8, 1.2, .6, -1.0]))
FILL = "the on page in app since monday report we see".split()
words = list(SEVERITY) + list(MODIFIER) + FILL

def rows(n):
    x = np.zeros((n, len(words)), dtype=np.float32); s = np.zeros(n)
    for r in range(n):
        for group, k in ((SEVERITY, rng.integers(1, 3)), (MODIFIER, rng.integers(0, 4))):
            for w in rng.choice(list(group), k, replace=False):
                x[r, words.index(w)] = 1; s[r] += group[w]
        for w in rng.choice(FILL, 4): x[r, words.index(w)] = 1
    return torch.from_numpy(x), torch.from_numpy(np.digitize(s + rng.normal(0, .35, n), [0.8, 2.2, 3.6, 4.8]))

class CumLink(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.w = nn.Linear(d, 1, bias=False)
        self.first, self.gaps = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(k - 2))
    def forward(self, x):
        cuts = torch.cat([self.first, self.first + nn.functional.softplus(self.gaps).cumsum(0)])
        return self.w(x) - cuts                       # logits of P(grade > j)

x, y = rows(3200); xt, yt = rows(800)
print("grades", np.bincount(y))
net = CumLink(len(words), 5)
levels = (y[:, None] > torch.arange(4)).float()
opt = torch.optim.Adam(net.parameters(), lr=0.05)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
for ep in range(6):
    tot = 0.
    for b in torch.from_numpy(rng.permutation(len(x))).split(50):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[b]), levels[b])
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() * len(b)
    sch.step()
    with torch.no_grad():
        p, q = (net(xt) > 0).sum(1), (net(x) > 0).sum(1)
    print(f"{ep} bce {tot / len(x):.4f} kappa train {cohen_kappa_score(y, q, weights='quadratic'):.3f} test {cohen_kappa_score(yt, p, weights='quadratic'):.3f} balanced acc {balanced_accuracy_score(yt, p):.3f}")
