# Delivery time forecast: three quantiles at once (pinball loss), categorical ids + short free text -> hours
import random, math
import torch, torch.nn as nn
torch.manual_seed(12); random.seed(12)
CITIES = {f'hub{i:02d}': random.uniform(-6, 6) for i in range(20)}
WORDS = {'express': -9., 'fragile': 3., 'bulky': 7., 'remote': 8., 'evening': 2., 'island': 11., 'locker': -3., 'gift': 0., 'return': 1., 'customs': 9., 'books': 0., 'shoes': 0.}
wid = {w: i for i, w in enumerate(WORDS)}; cid = {c: i for i, c in enumerate(CITIES)}

def order():
    c, kg = random.choice(list(CITIES)), random.uniform(.1, 30)
    ws = random.sample(list(WORDS), random.randint(1, 4))
    mean = 40 + CITIES[c] + sum(WORDS[w] for w in ws) + .3 * kg
    sd = 2 + .25 * kg + (4 if 'customs' in ws else 0)          # spread depends on the order
    bag = [0.] * len(wid)
    for w in ws: bag[wid[w]] = 1.
    return cid[c], bag, [(kg - 15) / 8.6], random.gauss(mean, sd)

def table(n):
    c, b, k, y = zip(*[order() for _ in range(n)])
    return torch.tensor(c), torch.cat([torch.tensor(b), torch.tensor(k)], 1), torch.tensor(y)
train, hold = table(5000), table(1500)
mu, sd = train[2].mean(), train[2].std()
QS = torch.tensor([.1, .5, .9])

class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.city = nn.Embedding(20, 3)
        self.body = nn.Sequential(nn.Linear(3 + len(wid) + 1, 24), nn.GELU())
        self.mid, self.gap = nn.Linear(24, 1), nn.Linear(24, 2)
    def forward(self, c, x):
        h = self.body(torch.cat([self.city(c), x], 1))
        m, g = self.mid(h), nn.functional.softplus(self.gap(h))
        return torch.cat([m - g[:, :1], m, m + g[:, 1:]], 1)   # quantiles can not cross

def pinball(q, y):
    d = y.unsqueeze(1) - q
    return torch.maximum(QS * d, (QS - 1) * d).mean()

net = QNet()
opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
for epoch in range(8):
    for g in opt.param_groups: g['lr'] = 1e-2 * .5 * (1 + math.cos(math.pi * epoch / 8))
    tot = 0
    for ix in torch.randperm(5000).view(-1, 50):
        loss = pinball(net(train[0][ix], train[1][ix]), (train[2][ix] - mu) / sd)
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() / 100
    with torch.no_grad():
        q = net(hold[0], hold[1]) * sd + mu
    cov = ((hold[2] > q[:, 0]) & (hold[2] < q[:, 2])).float().mean().item()
    print(f'{epoch} train {tot:.4f} holdout {pinball((q - mu) / sd, (hold[2] - mu) / sd).item():.4f} MAE {(q[:, 1] - hold[2]).abs().mean().item():.2f} h, 80% band covers {cov:.3f}')
flat = torch.quantile(train[2], QS).expand(1500, 3)
print(f'constant quantiles: {pinball((flat - mu) / sd, (hold[2] - mu) / sd).item():.4f}, MAE {(hold[2] - train[2].median()).abs().mean().item():.2f} h')
