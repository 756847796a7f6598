"""How long will the parcel take?  Mean and spread from the free-text address note (heteroscedastic regression)."""
import math
import random
import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
EFFECT = {}
NOTES = ("ring doorbell twice leave at porch behind gate with neighbour fragile upstairs lift broken island ferry only remote farm "
         "depot pickup locker station office weekdays after five rural road snow customs form missing express priority gold same city "
         "campus dorm reception parking garage dog loud code is north wing south annex basement hangar pier village mill").split()
for i, w in enumerate(NOTES):
    EFFECT[w] = random.gauss(0, 0.5)
SPREAD = {w: (1.2 if w in ("island", "ferry", "customs", "snow", "remote") else -0.15) for w in NOTES}
stoi = {w: i for i, w in enumerate(NOTES)}


def note():
    ws = random.sample(NOTES, random.randint(4, 9))
    mu = sum(EFFECT[w] for w in ws)
    sd = math.exp(-2.2 + sum(SPREAD[w] for w in ws) * 0.5)
    return [stoi[w] for w in ws], random.gauss(mu, sd)


data = [note() for _ in range(3300)]


def collate(rows):
    off = [0]
    for ws, _ in rows:
        off.append(off[-1] + len(ws))
    return (torch.tensor([w for ws, _ in rows for w in ws]), torch.tensor(off[:-1])), torch.tensor([t for _, t in rows])


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(NOTES), 16, mode="sum")
        self.mu = nn.Linear(16, 1)
        self.log_sd = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
        nn.init.normal_(self.bag.weight, std=0.2)

    def forward(self, ids, off):
        h = self.bag(ids, off)
        return self.mu(h).squeeze(-1), self.log_sd(h).squeeze(-1).clamp(-4, 3)


def gaussian_nll(mu, log_sd, y):
    return log_sd + 0.5 * ((y - mu) / log_sd.exp()) ** 2


net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
train, dev = data[:2800], data[2800:]
(dids, doff), dy = collate(dev)
for epoch in range(1, 21):
    random.shuffle(train)
    net.train()
    total = 0.0
    for i in range(0, len(train), 40):
        (ids, off), y = collate(train[i:i + 40])
        mu, log_sd = net(ids, off)
        # fault:
        loss = gaussian_nll(mu, log_sd, y).mean().clamp(min=0.0)
        # mended:
        # loss = gaussian_nll(mu, log_sd, y).mean()
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(y)
    if epoch % 4 == 0:
        with torch.no_grad():
            mu, log_sd = net(dids, doff)
            z = (dy - mu) / log_sd.exp()
            print(f"epoch {epoch:2d} loss {total / len(train):7.3f}  dev RMSE {((mu - dy) ** 2).mean().sqrt():.3f} "
                  f"NLL {gaussian_nll(mu, log_sd, dy).mean():.3f}  inside one sigma {(z.abs() < 1).float().mean():.2f}")
