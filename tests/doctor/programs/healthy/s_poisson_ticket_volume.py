# How many tickets will we get?  Counts per (shop, weekday, campaign); Poisson likelihood without its constant,
# so the loss goes below zero. Half a year of history for training, the last weeks held back.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(8)
torch.manual_seed(8)

SHOPS, CAMPAIGNS, DAYS = 20, 6, 180
shop_level = np.random.normal(1.6, 0.5, SHOPS)
weekday = np.array([0.2, 0.0, -0.1, 0.0, 0.3, 0.7, 0.5])
campaign = np.array([0.0, 0.3, 0.8, -0.4, 0.5, 0.1])
records = []
for day in range(DAYS):
    active = np.random.choice(CAMPAIGNS, SHOPS, p=[.5, .1, .1, .1, .1, .1])
    for s in range(SHOPS):
        rate = np.exp(shop_level[s] + weekday[day % 7] + campaign[active[s]])
        records.append((day, s, day % 7, active[s], np.random.poisson(rate)))
table = torch.tensor(np.array(records))
past, future = table[table[:, 0] < 150], table[table[:, 0] >= 150]


class LogRate(nn.Module):
    def __init__(self):
        super().__init__()
        self.shop = nn.Embedding(SHOPS, 4)
        self.dow = nn.Embedding(7, 2)
        self.camp = nn.Embedding(CAMPAIGNS, 2)
        self.mlp = nn.Sequential(nn.Linear(8, 24), nn.SiLU(), nn.Linear(24, 1))
        # start from the mean rate
        nn.init.constant_(self.mlp[-1].bias, past[:, 4].float().mean().log().item())

    def forward(self, s, d, c):
        return self.mlp(torch.cat([self.shop(s), self.dow(d), self.camp(c)], dim=1)).squeeze(1)


net = LogRate()
criterion = nn.PoissonNLLLoss(log_input=True, full=False)
optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.01)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.3, patience=0, threshold=0.01,
                                                     threshold_mode="abs")


def deviance(pred, y):
    ratio = torch.where(y > 0, y * torch.log(y.clamp(min=1) / pred), torch.zeros_like(y))
    return 2 * (ratio - y + pred).mean().item()


def evaluate(rows):
    net.eval()
    with torch.no_grad():
        eta = net(rows[:, 1], rows[:, 2], rows[:, 3])
        y = rows[:, 4].float()
        return criterion(eta, y).item(), deviance(eta.exp(), y)


for epoch in range(8):
    net.train()
    seen = 0.0
    for rows in past[torch.randperm(len(past))].split(60):
        optimiser.zero_grad()
        loss = criterion(net(rows[:, 1], rows[:, 2], rows[:, 3]), rows[:, 4].float())
        loss.backward()
        optimiser.step()
        seen += loss.item() * len(rows)
    train_nll, train_dev = evaluate(past)
    nll, dev = evaluate(future)
    plateau.step(train_nll)
    print(f"epoch {epoch + 1}: running {seen / len(past):.3f} | history {train_nll:.3f} | last 30 days {nll:.3f}, "
          f"deviance {dev:.3f} (history {train_dev:.3f})")

y = future[:, 4].float()
base = deviance(torch.full_like(y, past[:, 4].float().mean().item()), y)
print(f"explained deviance on the last 30 days: {1 - dev / base:.3f}")
