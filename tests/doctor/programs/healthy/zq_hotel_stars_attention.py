# Predict the guest's rating (0..10, continuous) of a hotel from the text. GRU-free: attention pooling, Huber loss.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(314)
torch.manual_seed(314)

ASPECTS = ["room", "staff", "breakfast", "bed", "location", "bathroom", "wifi", "pool"]
QUALITY = {"terrible": -2.0, "dirty": -1.6, "poor": -1.2, "noisy": -0.8, "average": 0.0, "decent": 0.5, "good": 1.0, "lovely": 1.5, "excellent": 2.0, "superb": 2.2}
CHATTER = "we the was and our stay for nights in hotel with had very family city trip booked again near".split()
words = ["<pad>"] + ASPECTS + list(QUALITY) + CHATTER
index = {w: k for k, w in enumerate(words)}
MAXLEN = 26


def write_review():
    text, vals = [], []
    for _ in range(rng.integers(2, 6)):
        text += list(rng.choice(CHATTER, rng.integers(0, 3)))
        q = rng.choice(list(QUALITY))
        text += [rng.choice(ASPECTS), "was", q]
        vals.append(QUALITY[q])
    return [str(t) for t in text], 5.5 + 2.0 * float(np.mean(vals)) + rng.normal(0, 0.3)


def dataset(n):
    ids = np.zeros((n, MAXLEN), dtype=np.int64)
    y = np.zeros(n, dtype=np.float32)
    for k in range(n):
        t, y[k] = write_review()
        ids[k, :len(t)] = [index[w] for w in t]
    return torch.from_numpy(ids), torch.from_numpy(y)


x_train, y_train = dataset(2000)
x_val, y_val = dataset(400)
mu, sd = y_train.mean(), y_train.std()


class AttnPool(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) * d ** -0.5)

    def forward(self, h, mask):
        score = torch.tanh(self.key(h)) @ self.query
        w = torch.softmax(score.masked_fill(~mask, -1e4), dim=1)
        return torch.einsum("bt,btd->bd", w, h), w


class Rater(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(words), d)
        self.pool = AttnPool(d)
        self.mlp = nn.Sequential(nn.Linear(d, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, x):
        v, w = self.pool(self.emb(x), x > 0)
        return self.mlp(v).squeeze(-1), w


net = Rater()
huber = nn.SmoothL1Loss(beta=0.5)
opt = torch.optim.RMSprop(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)


def r2(x, y):
    net.eval()
    with torch.no_grad():
        pred = net(x)[0] * sd + mu
    return (1 - ((pred - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item(), (pred - y).abs().mean().item()


for epoch in range(6):
    net.train()
    tot = 0.0
    for b in torch.randperm(len(x_train)).split(50):
        pred, _ = net(x_train[b])
        loss = huber(pred, (y_train[b] - mu) / sd)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    sched.step()
    print("epoch %d huber %.4f   val R2 %.3f   val MAE %.3f stars" % (epoch, tot / len(x_train), *r2(x_val, y_val)))
print("train R2 %.3f MAE %.3f" % r2(x_train, y_train))
w = net(x_val[:1])[1][0]
print([(words[i], round(a.item(), 2)) for i, a in zip(x_val[0].tolist(), w) if i][:8])
