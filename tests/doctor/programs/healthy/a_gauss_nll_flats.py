"""Rent from the advert text, with an uncertainty: Gaussian NLL on standardised log rents (goes below zero when it works)."""
import random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(5)
rng = random.Random(5)

AREA = {"centre": 1.0, "harbour": 0.8, "northside": 0.2, "eastend": -0.1, "suburb": -0.4}
KIND = {"studio": -0.6, "flat": 0.0, "maisonette": 0.35, "loft": 0.6, "penthouse": 1.1}
EXTRA = {"balcony": 0.12, "garage": 0.15, "garden": 0.18, "lift": 0.05, "damp": -0.3, "noisy": -0.2}
CHAT = "lovely bright available now near shops call us no pets small large view new kitchen".split()


def advert():
    a, k = rng.choice(list(AREA)), rng.choice(list(KIND))
    ex = rng.sample(list(EXTRA), rng.randint(0, 3))
    words = [a, k] + ex + rng.sample(CHAT, rng.randint(2, 6))
    rng.shuffle(words)
    sd = 0.25 if k in ("loft", "penthouse") else 0.06             # odd places vary more
    return words, 6.5 + AREA[a] * 0.5 + KIND[k] * 0.6 + sum(EXTRA[e] for e in ex) + rng.gauss(0, sd)


ads = [advert() for _ in range(3600)]
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in ads for w in ws}))}
flat = [torch.tensor([vocab[w] for w in ws]) for ws, _ in ads]
rent = np.array([r for _, r in ads], dtype=np.float32)
tr, te = np.arange(3000), np.arange(3000, 3600)
mu, sd = rent[tr].mean(), rent[tr].std()
z = torch.from_numpy((rent - mu) / sd)


class MeanVar(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="sum")
        self.body = nn.Sequential(nn.Linear(d, 32), nn.SiLU())
        self.mean = nn.Linear(32, 1)
        self.log_var = nn.Linear(32, 1)

    def forward(self, docs):
        off = torch.tensor([0] + [len(d) for d in docs[:-1]]).cumsum(0)
        h = self.body(self.bag(torch.cat(docs), off))
        return self.mean(h)[:, 0], self.log_var(h)[:, 0].clamp(-8, 4)


net = MeanVar(len(vocab))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)
nll = nn.GaussianNLLLoss()


def report(idx):
    net.eval()
    with torch.no_grad():
        m, lv = net([flat[i] for i in idx])
    t = z[idx]
    inside = ((m - t).abs() < 1.96 * (lv / 2).exp()).float().mean()
    r2 = 1 - ((m - t) ** 2).mean() / t.var(unbiased=False)
    return f"nll {nll(m, t, lv.exp()):.3f}  R2 {r2:.3f}  95% band holds {inside:.3f}"


for epoch in range(7):
    net.train()
    for b in np.array_split(np.random.RandomState(epoch).permutation(tr), 60):
        m, lv = net([flat[i] for i in b])
        loss = nll(m, z[b], lv.exp())
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(f"{epoch}  train {report(tr)}   test {report(te)}")
