# Overall grade of a hotel (0..10) from guests' remarks: attention pooling + linear read-out.
# Remarks about the room count three times as much as others, the attention has to find that out.
import math
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(2)
torch.manual_seed(2)

ASPECTS = ["room", "bed", "view", "pool", "bar", "wifi", "lobby", "lift"]
WEIGHT = dict(room=3.0, bed=3.0)
WORDS = {"awful": 0, "bad": 2, "poor": 3, "plain": 5, "decent": 6, "good": 7, "great": 9, "superb": 10}
remarks = [(a, w) for a in ASPECTS for w in WORDS]          # a token is a remark: "bed:great"
token = {r: i + 1 for i, r in enumerate(remarks)}           # 0 fills up


def hotel():
    n = min(40, 2 + int(rng.exponential(7)))
    mood = rng.integers(0, 11)
    p = np.exp(-np.abs(np.array(list(WORDS.values())) - mood) / 1.5)
    p /= p.sum()
    rs = [(ASPECTS[rng.integers(8)], list(WORDS)[rng.choice(8, p=p)]) for _ in range(n)]
    w = np.array([WEIGHT.get(a, 1.0) for a, _ in rs])
    return [token[r] for r in rs], float(w @ [WORDS[x] for _, x in rs] / w.sum())


def collate(rows):
    width = max(len(r) for r, _ in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (r, _) in enumerate(rows):
        ids[i, :len(r)] = torch.tensor(r)
    return ids, torch.tensor([g for _, g in rows])


class Attend(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.key = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) * 0.1)
        self.out = nn.Sequential(nn.Tanh(), nn.Linear(d, 1))

    def forward(self, ids):
        e = self.emb(ids)
        s = self.key(e) @ self.query / math.sqrt(e.size(-1))
        # fault:
        a = s.softmax(dim=1)
        # mended:
        # a = s.masked_fill(ids == 0, float("-inf")).softmax(dim=1)
        # end
        pooled = (a.unsqueeze(2) * self.value(e)).sum(1)
        return self.out(pooled).squeeze(1)


data = [hotel() for _ in range(3000)]
train, valid = data[:2500], data[2500:]
net = Attend(len(token) + 1)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
mean = float(np.mean([g for _, g in train]))


def r2(rows):
    net.eval()
    x, y = collate(rows)
    with torch.no_grad():
        err = (net(x) * 3 + mean - y).pow(2).mean()
    return 1 - (err / y.var(unbiased=False)).item(), err.sqrt().item()


for epoch in range(8):
    net.train()
    if epoch == 5:
        opt.param_groups[0]["lr"] = 2e-3
    order = rng.permutation(len(train))
    losses = []
    batches = np.array_split(np.array(sorted(order, key=lambda i: len(train[i][0]))), 100)     # like lengths together
    for k in rng.permutation(len(batches)):
        x, y = collate([train[i] for i in batches[k]])
        loss = nn.functional.smooth_l1_loss(net(x), (y - mean) / 3)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch %d  loss %.4f  valid R2 %.3f (rmse %.2f)" % (epoch, np.mean(losses), *r2(valid)))
print("train R2 %.3f (rmse %.2f)" % r2(train[:500]))
