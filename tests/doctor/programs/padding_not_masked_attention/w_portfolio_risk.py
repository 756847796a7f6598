"""Risk score of a list of insured goods (mean over a hidden tariff), read off with attention pooling.

Training batches are bucketed by length; scoring takes the whole test portfolio in one go.
"""
import math
import random
import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
GOODS = ["sku%03d" % i for i in range(180)]
TARIFF = {g: random.gauss(0, 1) for g in GOODS}


def portfolio():
    n = random.randint(6, 18) if random.random() < .95 else random.randint(60, 120)
    goods = random.choices(GOODS, k=n)
    return goods, 3 * sum(TARIFF[g] for g in goods) / n + random.gauss(0, .05)


corpus = [portfolio() for _ in range(2300)]
train, test = corpus[:1800], corpus[1800:]
stoi = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}
UNK = len(stoi) + 1


def pad(rows):
    T = max(len(ws) for ws, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (ws, _) in enumerate(rows):
        x[i, :len(ws)] = torch.tensor([stoi.get(w, UNK) for w in ws])
    return x, torch.tensor([y for _, y in rows])


class RiskReader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(UNK + 1, d, padding_idx=0)
        self.k, self.v = nn.Linear(d, d), nn.Linear(d, d)
        self.q = nn.Parameter(torch.randn(d) / math.sqrt(d))
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        e = self.emb(x)
        att = self.k(e) @ self.q
        # fault:
        w = torch.softmax(att, dim=1)
        # mended:
        # w = torch.softmax(att.masked_fill(x == 0, float("-inf")), dim=1)
        # end
        return self.out(torch.einsum("bt,btd->bd", w, self.v(e))).squeeze(-1)


train.sort(key=lambda r: len(r[0]))
buckets = [train[i:i + 30] for i in range(0, len(train), 30)]
reader = RiskReader()
opt = torch.optim.Adam(reader.parameters(), lr=5e-3)
tx, ty = pad(test)
print("test batch", tuple(tx.shape))
for epoch in range(6):
    random.shuffle(buckets)
    seen = loss_sum = 0
    for b in buckets:
        x, y = pad(b)
        loss = nn.functional.mse_loss(reader(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += len(y); loss_sum += loss.item() * len(y)
    with torch.no_grad():
        err = ((reader(tx) - ty) ** 2).mean()
    print(f"epoch {epoch}  train mse {loss_sum / seen:.4f}  test mse {err:.4f}  test R2 {1 - err / ty.var():.3f}")
