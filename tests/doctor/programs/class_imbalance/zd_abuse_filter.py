"""
Baseline for the "Forum Moderation Challenge" (my 3rd notebook, cleaned up for the discussion tab)
- metric of the comp: balanced accuracy, we also look at recall of the abusive rows
- rows here are simulated from my unigram stats because the comp data can't be shared
"""
import numpy as np, torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, WeightedRandomSampler
from sklearn.metrics import balanced_accuracy_score, recall_score, confusion_matrix

SEED = 2021
np.random.seed(SEED); torch.manual_seed(SEED)

class CFG:
    vocab = 120
    maxlen = 20
    n_train, n_valid = 6000, 2000
    rate = 0.035
    bs = 100
    lr = 5e-3
    epochs = 5

# unigram stats: abusive posts use some words more often, all words are used by both
base = np.random.dirichlet(np.full(CFG.vocab, 0.8))
tilt = np.exp(np.random.normal(scale=0.6, size=CFG.vocab))
abuse = base * tilt / (base * tilt).sum()

def simulate(n):
    y = (np.random.rand(n) < CFG.rate).astype(np.int64)
    X = np.zeros((n, CFG.maxlen), dtype=np.int64)
    for i in range(n):
        L = np.random.randint(12, CFG.maxlen + 1)
        X[i, :L] = 1 + np.random.choice(CFG.vocab, L, p=abuse if y[i] else base)
    return torch.from_numpy(X), torch.from_numpy(y)

Xt, yt = simulate(CFG.n_train)
Xv, yv = simulate(CFG.n_valid)
print("abusive in train:", int(yt.sum()), "of", len(yt))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(CFG.vocab + 1, 8, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(8, 2)
    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        return self.fc(self.drop((self.emb(x) * m).sum(1) / m.sum(1)))

ds = TensorDataset(Xt, yt)
# fault:
loader = DataLoader(ds, batch_size=CFG.bs, shuffle=True)
# mended:
# w = 1.0 / torch.bincount(yt).double()[yt]
# loader = DataLoader(ds, batch_size=CFG.bs, sampler=WeightedRandomSampler(w, len(ds)))
# end

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=CFG.lr, weight_decay=1e-4)
crit = nn.CrossEntropyLoss()
for ep in range(CFG.epochs):
    net.train()
    losses = []
    for xb, yb in loader:
        opt.zero_grad()
        l = crit(net(xb), yb)
        l.backward()
        opt.step()
        losses.append(l.item())
    net.eval()
    with torch.no_grad():
        p = net(Xv).argmax(1)
        pt = net(Xt).argmax(1)
    print("ep %d loss %.4f | train bacc %.3f | valid bacc %.3f acc %.3f recall %.3f" % (
        ep, np.mean(losses), balanced_accuracy_score(yt, pt), balanced_accuracy_score(yv, p),
        (p == yv).float().mean(), recall_score(yv, p)))
print(confusion_matrix(yv, p))
