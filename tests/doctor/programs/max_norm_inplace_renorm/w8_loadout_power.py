# balance/loadout_power.py
# Matchmaking wants a power rating for a loadout (6 items).  The designers' stat sheet gives us
# a vector per item (attack, armour, speed, mana, reach, crit); playtest ratings are the target.
# Start from the sheet, let the vectors drift a little where the playtests disagree.
import itertools
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2077)
N_ITEMS, STATS, SLOTS = 150, 6, 6


def stat_sheet():
    tier = torch.randint(1, 6, (N_ITEMS, 1)).float()          # rusty ... legendary
    shape = torch.distributions.Dirichlet(torch.full((STATS,), 0.8)).sample((N_ITEMS,))
    return tier * shape


sheet = stat_sheet()
price = torch.tensor([1.0, 0.8, 0.6, 0.7, 0.4, 1.2])


def playtest(n):
    loadouts = torch.randint(0, N_ITEMS, (n, SLOTS))
    total = sheet[loadouts].sum(1)
    rating = total @ price + 0.15 * total[:, 0] * total[:, 2].clamp(max=4) ** 0.5 + 0.4 * torch.randn(n)
    return loadouts, rating


tr_x, tr_y = playtest(3000)
te_x, te_y = playtest(600)
m, s = tr_y.mean(), tr_y.std()


class Power(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.items = nn.Embedding.from_pretrained(vectors.clone(), freeze=False, max_norm=1.0)
        # mended:
        # self.items = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        # end
        self.mlp = nn.Sequential(nn.Linear(STATS, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, loadouts):
        return self.mlp(self.items(loadouts).mean(dim=1))[:, 0]


net = Power(sheet)
optimizer = torch.optim.Adam([
    {"params": net.items.parameters(), "lr": 1e-4},
    {"params": net.mlp.parameters(), "lr": 1e-2},
])
loader = DataLoader(TensorDataset(tr_x, (tr_y - m) / s), batch_size=64, shuffle=True)
huber = nn.SmoothL1Loss()


def r_squared(x, y):
    net.eval()
    with torch.no_grad():
        p = net(x) * s + m
    net.train()
    return 1 - ((p - y).pow(2).mean() / y.var()).item()


for epoch in itertools.count(1):
    run = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = huber(net(x), y)
        loss.backward()
        optimizer.step()
        run += loss.item()
    print(f"[{epoch}] huber={run / len(loader):.4f} R2 train={r_squared(tr_x, tr_y):.3f} test={r_squared(te_x, te_y):.3f}")
    if epoch == 8:
        break

with torch.no_grad():
    strong = net(sheet.norm(dim=1).topk(6).indices[None]) * s + m
    weak = net((-sheet.norm(dim=1)).topk(6).indices[None]) * s + m
print(f"six best items {strong.item():.1f}, six worst {weak.item():.1f}")
