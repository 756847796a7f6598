# Price of a spoken cafe order: "two large coffees and one bagel" -> euros.  GRU, regression on the standardised price
import numpy as np
import torch, torch.nn as nn
from sklearn.metrics import r2_score, mean_absolute_error

torch.manual_seed(4)
g = np.random.default_rng(4)
PRICE = dict(coffee=2.5, tea=2.0, bagel=3.0, muffin=2.2, salad=6.5, soup=4.8, juice=3.4, sandwich=5.5)
NUM = dict(one=1, two=2, three=3)
SIZE = {"small": 0.8, "": 1.0, "large": 1.3}
POLITE = ["please", "hello", "thanks", "i", "want"]

def order():
    words, cost = list(g.choice(POLITE, g.integers(0, 3))), 0.
    for k in range(g.integers(1, 4)):
        n, s, p = g.choice(list(NUM)), g.choice(list(SIZE)), g.choice(list(PRICE))
        words += (["and"] if k else []) + [n] + ([s] if s else []) + [p]
        cost += NUM[n] * SIZE[s] * PRICE[p]
    return [str(w) for w in words], cost

texts, seen = [], set()
while len(texts) < 3200:
    t = order()
    if tuple(t[0]) not in seen:
        seen.add(tuple(t[0])); texts.append(t)
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted({w for t, _ in texts for w in t}))}
prices = np.array([p for _, p in texts], dtype=np.float32)
ntr = 2600
mean, std = prices[:ntr].mean(), prices[:ntr].std()
target = torch.from_numpy((prices - mean) / std)
length = torch.tensor([len(t) for t, _ in texts])
ids = torch.zeros(len(texts), int(length.max()), dtype=torch.long)
for r, (t, _) in enumerate(texts):
    ids[r, :len(t)] = torch.tensor([vocab[w] for w in t])

class Cashier(nn.Module):
    def __init__(self, n, d=24, h=40):
        super().__init__()
        self.e = nn.Embedding(n, d, padding_idx=0)
        self.g = nn.GRU(d, h, batch_first=True)
        self.o = nn.Linear(h, 1)

    def forward(self, x, n):
        h, _ = self.g(self.e(x))
        real = torch.arange(x.size(1))[None] < n[:, None]
        return (self.o(h).squeeze(2) * real).sum(1)          # every word adds to the bill

net = Cashier(len(vocab))
EPOCHS, BS = 7, 50
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * ntr // BS)
huber = nn.SmoothL1Loss()

@torch.no_grad()
def euros(lo, hi):
    net.eval()
    return net(ids[lo:hi], length[lo:hi]).numpy() * std + mean

for ep in range(EPOCHS):
    net.train()
    tot = 0
    for b in np.array_split(g.permutation(ntr), ntr // BS):
        b = torch.from_numpy(b)
        n = length[b]
        loss = huber(net(ids[b, :int(n.max())], n), target[b])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sch.step()
        tot += loss.item() * len(b)
    print(f'{ep + 1}: loss {tot / ntr:.4f}  test MAE {mean_absolute_error(prices[ntr:], euros(ntr, None)):.2f} euros')
print(f'R2 train {r2_score(prices[:ntr], euros(0, ntr)):.3f}  test {r2_score(prices[ntr:], euros(ntr, None)):.3f}; '
      f'guessing the mean: MAE {np.abs(prices[ntr:] - mean).mean():.2f}')
