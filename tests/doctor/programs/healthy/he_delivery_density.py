"""How many days will a parcel take?  mean and spread are both predicted; the loss is a negative log density in units of days/10,
so it passes below zero once the model is sure of itself."""
import math
import random
import torch
import torch.nn as nn

random.seed(40); torch.manual_seed(40)
FROM = {"hamburg": 0.1, "lyon": 0.25, "porto": 0.5, "turku": 0.6, "izmir": 0.7}
TO = {"berlin": 0.1, "paris": 0.2, "madrid": 0.35, "oslo": 0.45, "athens": 0.5, "dublin": 0.4}
SERVICE = {"express": 0.3, "standard": 1.0, "economy": 1.6}
EXTRA = {"fragile": 0.05, "customs": 0.3, "insured": 0.0, "gift": 0.0, "oversize": 0.2, "hazmat": 0.25, "cooled": 0.1, "signature": 0.02}
words = [*FROM, *TO, *SERVICE, *EXTRA, "from", "to"]
stoi = {w: i for i, w in enumerate(words)}


def row():
    a, b, s = random.choice(list(FROM)), random.choice(list(TO)), random.choice(list(SERVICE))
    ex = random.sample(list(EXTRA), random.randint(0, 3))
    m = (FROM[a] + TO[b]) * SERVICE[s] * 0.5 + 0.4 * sum(EXTRA[e] for e in ex)
    sd = {"express": 0.02, "standard": 0.05, "economy": 0.12}[s]
    return [stoi[w] for w in [s, "from", a, "to", b, *ex]], m + random.gauss(0, sd)


class Density(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(stoi), 16, mode="sum")
        self.body = nn.Sequential(nn.Linear(16, 48), nn.SiLU(), nn.Linear(48, 2))

    def forward(self, flat, off):
        mu, log_var = self.body(self.bag(flat, off)).unbind(1)
        return mu, log_var.clamp(-9, 5)


def nll(mu, log_var, y):
    return 0.5 * (log_var + (y - mu) ** 2 / log_var.exp() + math.log(2 * math.pi)).mean()


def pack(rows):
    off = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return torch.tensor([i for r, _ in rows for i in r]), off, torch.tensor([y for _, y in rows])


seen, data = set(), []
while len(data) < 3600:         # no parcel twice
    ids, y = row()
    if frozenset(ids) not in seen:
        seen.add(frozenset(ids))
        data.append((ids, y))
train, dev = data[:3000], data[3000:]
model = Density()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
for epoch in range(20):
    random.shuffle(train)
    s = 0
    for k in range(0, len(train), 50):
        f, o, y = pack(train[k:k + 50])
        mu, lv = model(f, o)
        loss = nll(mu, lv, y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        s += loss.item() / 60
    sched.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            f, o, y = pack(dev)
            mu, lv = model(f, o)
            inside = ((y - mu).abs() < 1.96 * (lv / 2).exp()).float().mean()
            print(f"epoch {epoch + 1} nll {s:.3f} dev nll {nll(mu, lv, y):.3f} R2 {1 - ((y - mu) ** 2).mean() / y.var():.3f} inside the 95% band {inside:.3f}")
