# Claims fraud: 5% positives. Weighted sampling in training, prior correction + threshold on validation, PR-AUC on test.
import numpy as np, torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

def make_claims(n, rs):
    """each claim: bag of 12 phrase codes (no padding) + two amounts"""
    y = (rs.rand(n) < 0.05).astype(np.int64)
    codes = rs.randint(0, 80, size=(n, 12))
    for i in range(n):                       # suspicious phrases are 80..99, honest claims have some as well
        k = rs.binomial(12, 0.30 if y[i] else 0.04)
        codes[i, rs.permutation(12)[:k]] = rs.randint(80, 100, size=k)
    amounts = rs.randn(n, 2) + 0.8 * y[:, None] * np.array([1.0, -1.0])
    return TensorDataset(torch.tensor(codes), torch.tensor(amounts, dtype=torch.float32), torch.tensor(y))

rs = np.random.RandomState(3)
torch.manual_seed(3)
train, valid, test = make_claims(6000, rs), make_claims(2000, rs), make_claims(3000, rs)
ytr = train.tensors[2]
rate = ytr.float().mean().item()
weights = torch.where(ytr == 1, 0.5 / rate, 0.5 / (1 - rate)).double()
loader = DataLoader(train, batch_size=128, sampler=WeightedRandomSampler(weights, 4000, replacement=True))
prior_shift = float(np.log(rate / (1 - rate)))         # we train at 50:50

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.codes = nn.EmbeddingBag(100, 6, mode='mean')
        self.head = nn.Linear(8, 1)
    def forward(self, c, a):
        return self.head(torch.cat((self.codes(c), a), 1)).flatten()

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=6)

def predict(ds):
    with torch.no_grad():
        return torch.sigmoid(net(*ds.tensors[:2]) + prior_shift).numpy(), ds.tensors[2].numpy()

for ep in range(6):
    s = n = 0
    for c, a, y in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(net(c, a), y.float())
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(y); n += len(y)
    sched.step()
    p, y = predict(valid)
    print(f'ep {ep} balanced loss {s/n:.4f}  valid PR-AUC {average_precision_score(y, p):.4f} ROC {roc_auc_score(y, p):.4f}')
grid = np.linspace(0.05, 0.95, 37)
p, y = predict(valid)
thr = grid[int(np.argmax([f1_score(y, p > t, zero_division=0) for t in grid]))]
for name, ds in (('train', train), ('test', test)):
    p, y = predict(ds)
    print(f'{name}: PR-AUC {average_precision_score(y, p):.4f} (base rate {y.mean():.3f})  F1 {f1_score(y, p > thr):.4f} at {thr:.2f}'
          f'  mean prob {p.mean():.4f}')
