"""CTR model as it runs in the ad server: hashed crosses, logistic regression, per-coordinate Adagrad by hand."""
import logging
import zlib

import numpy as np
import torch

logging.basicConfig(level=logging.INFO, format="ctr %(message)s")
CFG = dict(bits=12, lr=0.25, l2=2e-5, passes=4, minibatch=100, seed=9)
SITES = ["news", "sport", "cooking", "travel", "finance", "gaming"]
ADS = ["shoes", "knives", "flights", "broker", "console", "tickets", "phone"]
GOOD = {("sport", "shoes"), ("cooking", "knives"), ("travel", "flights"), ("finance", "broker"), ("gaming", "console"),
        ("sport", "tickets"), ("news", "phone"), ("gaming", "phone")}


def slot(text, bits):
    return zlib.crc32(text.encode()) & ((1 << bits) - 1)


def impressions(rng, n):
    xs, ys = [], []
    for _ in range(n):
        site, ad, hour = rng.choice(SITES), rng.choice(ADS), int(rng.integers(0, 24))
        logit = -1.8 + (3.8 if (site, ad) in GOOD else 0.0) + (0.8 if 18 <= hour < 23 else 0.0)
        place, lang, device = int(rng.integers(1, 9)), int(rng.integers(0, 12)), rng.choice(["web", "ios", "android"])
        logit -= 0.15 * (place - 1)
        feats = ["bias", "s=" + site, "a=" + ad, "h=%d" % hour, "p=%d" % place, "l=%d" % lang, "d=" + device,
                 "sa=%s|%s" % (site, ad)]
        xs.append([slot(f, CFG["bits"]) for f in feats])
        ys.append(float(rng.random() < 1 / (1 + np.exp(-logit))))
    return torch.tensor(xs), torch.tensor(ys)


class HashedLR:
    def __init__(self, cfg):
        self.cfg = cfg
        self.w = torch.zeros(1 << cfg["bits"], requires_grad=True)
        self.g2 = torch.full_like(self.w, 1e-2, requires_grad=False)

    def logit(self, x):
        return self.w[x].sum(dim=1)

    def update(self, x, y):
        z = self.logit(x)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        (g,) = torch.autograd.grad(loss + self.cfg["l2"] * self.w.pow(2).sum() / 2, self.w)
        with torch.no_grad():
            self.g2 += g * g
            self.w -= self.cfg["lr"] * g / self.g2.sqrt()
        return loss.item()


def auc(score, y):
    rank = np.empty(len(score))
    order = np.argsort(score, kind="stable")
    rank[order] = np.arange(1, len(score) + 1)
    values, inverse = np.unique(score, return_inverse=True)
    rank = (np.bincount(inverse, rank) / np.bincount(inverse))[inverse]  # ties share their rank
    pos = y > 0
    return (rank[pos].sum() - pos.sum() * (pos.sum() + 1) / 2) / (pos.sum() * (~pos).sum())


rng = np.random.default_rng(CFG["seed"])
torch.manual_seed(CFG["seed"])
x, y = impressions(rng, 6000)
xv, yv = impressions(rng, 2000)
model = HashedLR(CFG)
for p in range(CFG["passes"]):
    losses = [model.update(x[i], y[i]) for i in torch.randperm(len(x)).split(CFG["minibatch"])]
    with torch.no_grad():
        zt, zv = model.logit(x), model.logit(xv)
        ll = torch.nn.functional.binary_cross_entropy_with_logits(zv, yv).item()
    logging.info("pass %d logloss %.4f held out %.4f auc train %.3f held out %.3f calibration %.3f", p + 1, np.mean(losses), ll,
                 auc(zt.numpy(), y.numpy()), auc(zv.numpy(), yv.numpy()), torch.sigmoid(zv).mean() / yv.mean())
