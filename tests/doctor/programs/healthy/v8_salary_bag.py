# Kaggle "job salary" toy version: predict the yearly salary (k EUR) from the job title, EmbeddingBag regression
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader
from sklearn.metrics import mean_absolute_error, r2_score

rs = np.random.RandomState(1)
torch.manual_seed(1)

level = {"junior": -14, "": 0, "senior": 16, "lead": 24, "head": 38, "assistant": -18, "chief": 55, "trainee": -24}
field = {"data": 12, "sales": 4, "software": 14, "office": -6, "marketing": 2, "finance": 15, "garden": -14, "kitchen": -12,
         "legal": 22, "medical": 18, "warehouse": -11, "security": -4, "network": 8, "product": 13}
job = {"engineer": 10, "manager": 14, "analyst": 5, "clerk": -12, "consultant": 9, "technician": -2, "worker": -10, "officer": 3}
city = {"london": 14, "leeds": -3, "zurich": 28, "porto": -12, "berlin": 4, "remote": 0}
noise_words = ["m/f/d", "fulltime", "asap", "wanted", "new", "(permanent)", "team", "great", "benefits"]

ads = {}
while len(ads) < 3600:
    a, b, c, d = (rs.choice(list(t)) for t in (level, field, job, city))
    words = [w for w in (a, b, c, d) if w] + list(rs.choice(noise_words, rs.randint(0, 4), replace=False))
    rs.shuffle(words)
    ads.setdefault(tuple(words), 52 + level[a] + field[b] + job[c] + city[d] + rs.normal(0, 5))
rows = list(ads.items())
train, valid = rows[:3000], rows[3000:]
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}
mu = np.mean([s for _, s in train])
sd = np.std([s for _, s in train])


def collate(batch):
    flat, offs, y = [], [], []
    for words, salary in batch:
        offs.append(len(flat))
        flat += [vocab[w] for w in words if w in vocab]
        y.append((salary - mu) / sd)
    return torch.tensor(flat), torch.tensor(offs), torch.tensor(y, dtype=torch.float32)


class SalaryNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), 16, mode="sum")
        self.net = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 1))
        self.skip = nn.Linear(16, 1)

    def forward(self, flat, offs):
        b = self.bag(flat, offs)
        return (self.net(b) + self.skip(b)).squeeze(-1)


net = SalaryNet()
crit = nn.SmoothL1Loss()
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
tl = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
vl = DataLoader(valid, batch_size=300, collate_fn=collate)


def predict(loader):
    net.eval()
    with torch.no_grad():
        out = [(net(f, o), y) for f, o, y in loader]
    return [torch.cat(z).numpy() * sd + mu for z in zip(*out)]


for ep in range(8):
    net.train()
    tot = 0
    for f, o, y in tl:
        loss = crit(net(f, o), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    p, t = predict(vl)
    print("ep %d loss %.4f  valid MAE %.2f k  R2 %.3f" % (ep, tot / len(tl), mean_absolute_error(t, p), r2_score(t, p)))
p, t = predict(tl)
print("train R2 %.3f" % r2_score(t, p))
print("always the mean: MAE %.2f k" % np.abs(np.array([s for _, s in valid]) - mu).mean())
