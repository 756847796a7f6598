"""Rare phishing URLs among ordinary ones (one in sixteen, as in our proxy logs). Character CNN, focal loss, output bias at the prior."""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(141)
torch.manual_seed(141)
BRANDS = "paypal amazon netflix sparkasse dhl apple microsoft instagram".split()
SITES = "kicker wetter rezepte github wikipedia bahn kino garten forum zeitung schule verein museum".split()
PATHS = "news index artikel user img static api v2 suche login konto thema 2024 produkt".split()
TLD, ODD = ["de", "com", "org", "net"], ["xyz", "top", "click", "info"]


def path():
    return "/".join(random.choices(PATHS, k=random.randint(1, 3)))


def normal():
    r = random.random()
    host = random.choice(BRANDS + SITES) if r < 0.8 else random.choice(SITES) + "-" + random.choice(SITES)
    query = f"?id={random.randint(1, 99999)}" if random.random() < 0.3 else ""
    return f"{random.choice(['www.', '', 'm.'])}{host}.{random.choice(TLD + ODD[3:])}/{path()}{query}"


def phishing():
    b = random.choice(BRANDS)
    fake = random.choice([b.replace("a", "4"), b.replace("i", "1"), b + "-" + random.choice(["secure", "verify", "konto"]),
                          f"{b}.{random.choice(['de', 'com'])}.{random.choice(SITES)}{random.randint(1, 99)}"])
    return f"{random.choice(['www.', '', 'login.'])}{fake}.{random.choice(ODD + TLD[1:2])}/{path()}"


rows = {}
while len(rows) < 6400:
    bad = random.random() < 1 / 16
    rows.setdefault((phishing if bad else normal)(), float(bad))
rows = list(rows.items())
random.shuffle(rows)
charset = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789.-/?=")}
L = 44


def tensors(part):
    x = torch.zeros(len(part), L, dtype=torch.long)
    for i, (u, _) in enumerate(part):
        ids = [charset[c] for c in u[:L]]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in part])


x_train, y_train = tensors(rows[:5200])
x_dev, y_dev = tensors(rows[5200:])
prior = y_train.mean().item()


class UrlCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(charset) + 1, 16, padding_idx=0)
        self.conv = nn.ModuleList([nn.Conv1d(16, 32, k, padding=k // 2) for k in (3, 7)])
        self.out = nn.Linear(64, 1)
        nn.init.constant_(self.out.bias, math.log(prior / (1 - prior)))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        pad = (x == 0).unsqueeze(1)
        h = [F.relu(c(e)).masked_fill(pad, 0.0).max(2).values for c in self.conv]
        return self.out(torch.cat(h, 1)).squeeze(1)


def focal(z, y, gamma=1.5):
    log_p = -F.softplus(torch.where(y > 0, -z, z))      # log probability of the truth
    return -((1 - log_p.exp()) ** gamma * log_p).mean() / prior


def report(z, y):
    pred = z > 0
    tp = (pred & (y > 0)).sum().item()
    p, r = tp / max(1, pred.sum().item()), tp / y.sum().item()
    order = z.argsort(descending=True)
    hits = y[order].cumsum(0)
    ap = ((hits / torch.arange(1, len(y) + 1)) * y[order]).sum() / y.sum()
    return p, r, 2 * p * r / max(1e-9, p + r), ap.item()


model = UrlCNN()
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=8)
for epoch in range(8):
    total = 0.0
    for idx in torch.randperm(len(x_train)).split(64):
        loss = focal(model(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    with torch.no_grad():
        print("epoch %d loss %.4f dev precision %.3f recall %.3f F1 %.3f average precision %.3f" % (epoch + 1, total / len(x_train), *report(model(x_dev), y_dev)))
