# Triage notes: predict the severity that the nurses gave (0-10). Short phone notes and long written ones.
import numpy as np, torch
from torch import nn
from sklearn.metrics import r2_score, mean_absolute_error

g = np.random.default_rng(5)
torch.manual_seed(5)

mild = "cough cold itch rash tired sneezing bruise sore stiff runny".split()
medium = "fever vomiting dizzy swelling infection sprain migraine burn cut wheezing".split()
grave = "unconscious bleeding stroke seizure chest-pain overdose collapse fracture choking blue-lips".split()
WEIGHT = {w: 1 + .2 * i for i, w in enumerate(mild)} | {w: 4 + .2 * i for i, w in enumerate(medium)} | {w: 7.5 + .2 * i for i, w in enumerate(grave)}
words = list(WEIGHT)
stoi = {w: i + 1 for i, w in enumerate(words)}
MAXLEN = 40


def note():
    n = int(g.choice([2, 3, 4, 6, 10, 18, 30, 40]))
    p = g.dirichlet([.5, .5, .5])
    group = g.choice(3, n, p=p)
    toks = [words[10 * k + g.integers(10)] for k in group]
    return toks, float(np.mean([WEIGHT[t] for t in toks]) + g.normal(0, .2))


notes, keys = [], set()
while len(notes) < 2400:
    toks, sev = note()
    k = " ".join(toks)
    if k not in keys:
        keys.add(k)
        notes.append((toks, sev))

X = np.zeros((len(notes), MAXLEN), dtype=np.int64)
y = np.zeros(len(notes), dtype=np.float32)
for i, (toks, sev) in enumerate(notes):
    X[i, :len(toks)] = [stoi[t] for t in toks]
    y[i] = sev
X, y = torch.from_numpy(X), torch.from_numpy(y)
mu, sd = y[:2000].mean(), y[:2000].std()
Xtr, ytr, Xte, yte = X[:2000], (y[:2000] - mu) / sd, X[2000:], y[2000:]


class Severity(nn.Module):
    def __init__(self, vocab, dim=24):
        super().__init__()
        self.lookup = nn.Embedding(vocab, dim, padding_idx=0)
        self.fc = nn.Linear(dim, 1)

    def forward(self, ids):
        e = self.lookup(ids)
        # fault:
        pooled = e.mean(dim=1)
        # mended:
        # real = (ids != 0).unsqueeze(2)
        # pooled = (e * real).sum(dim=1) / real.sum(dim=1)
        # end
        return self.fc(pooled).squeeze(1)


net = Severity(len(words) + 1)
optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
mse = nn.MSELoss()
for epoch in range(1, 9):
    net.train()
    losses = []
    for b in torch.randperm(2000).split(40):
        optimiser.zero_grad()
        l = mse(net(Xtr[b]), ytr[b])
        l.backward()
        optimiser.step()
        losses.append(l.item())
    net.eval()
    with torch.no_grad():
        pred = net(Xte) * sd + mu
    print(f"[{epoch}] mse {np.mean(losses):.4f}  test MAE {mean_absolute_error(yte, pred):.2f}  R2 {r2_score(yte, pred):.3f}")
for n in (2, 4, 10, 40):
    rows = (Xte != 0).sum(1) == n
    if rows.any():
        print("notes of %d words: MAE %.2f" % (n, (pred[rows] - yte[rows]).abs().mean()))
