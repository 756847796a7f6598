"""Predict a review's rating with its uncertainty (Gaussian NLL); the loss goes below zero when the model is sure."""
import random
import numpy as np
import torch
from torch import nn
from scipy.stats import pearsonr

rng = random.Random(9)
torch.manual_seed(9)
VALUE = {"terrible": -2, "horrid": -2, "poor": -1, "dull": -1, "weak": -1, "okay": 0, "plain": 0, "nice": 1, "good": 1, "solid": 1, "superb": 2, "brilliant": 2}
ASPECTS = "story acting sound pace ending cast script camera".split()


def sample():
    picks = [(rng.choice(ASPECTS), rng.choice(list(VALUE))) for _ in range(rng.randint(2, 6))]
    text = [w for a, v in picks for w in ("the", a, "is", v)]
    mean = sum(VALUE[v] for _, v in picks) / len(picks)
    return text, 3 + mean + rng.gauss(0, 0.1)


found = {}
while len(found) < 3600:
    t, s = sample()
    found.setdefault(" ".join(t), (t, s))
rows = list(found.values())
rng.shuffle(rows)
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in rows[:3000] for w in t}))}
mu = np.mean([s for _, s in rows[:3000]])
sd = np.std([s for _, s in rows[:3000]])


class Rater(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), 16, mode="mean")
        self.body = nn.Sequential(nn.Linear(16, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.logvar = nn.Linear(32, 1)

    def forward(self, flat, offsets):
        h = self.body(self.bag(flat, offsets))
        return self.mean(h).squeeze(1), self.logvar(h).squeeze(1).clamp(-8, 4)


def collate(chunk):
    ids = [[vocab[w] for w in t] for t, _ in chunk]
    off = np.cumsum([0] + [len(i) for i in ids[:-1]])
    y = torch.tensor([(s - mu) / sd for _, s in chunk], dtype=torch.float32)
    return torch.tensor(sum(ids, [])), torch.from_numpy(off), y


model = Rater()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=8 * 47)
nll = nn.GaussianNLLLoss()
train, test = rows[:3000], rows[3000:]


def evaluate(part):
    model.eval()
    with torch.no_grad():
        flat, off, y = collate(part)
        m, lv = model(flat, off)
        return nll(m, y, lv.exp()).item(), pearsonr(m, y)[0], ((m - y) * sd).abs().mean().item()


for epoch in range(8):
    rng.shuffle(train)
    model.train()
    tot = []
    for i in range(0, len(train), 64):
        flat, off, y = collate(train[i:i + 64])
        m, lv = model(flat, off)
        loss = nll(m, y, lv.exp())
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot.append(loss.item())
    t = evaluate(test)
    print(f"epoch {epoch + 1}: train nll {np.mean(tot):+.3f}  test nll {t[0]:+.3f}  r {t[1]:.3f}  MAE {t[2]:.3f} stars")
print("train nll %+.3f r %.3f MAE %.3f" % evaluate(train))
