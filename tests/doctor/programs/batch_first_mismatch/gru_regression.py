"""Reading time (minutes) from a chapter's list of scene types, GRU regression over (B, T)."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(36); torch.manual_seed(36)
SCENES = {"dialogue": 1.0, "fight": 0.5, "letter": 2.0, "dream": 2.5, "walk": 1.5, "song": 0.8, "trial": 3.0, "feast": 1.2}
ids = {s: i for i, s in enumerate(SCENES)}
T = 12


def chapter():
    scenes = random.choices(list(SCENES), k=T)
    minutes, prev = 0.0, None
    for s in scenes:
        minutes += SCENES[s] * (1.8 if prev == "dream" else 1.0)
        prev = s
    return [ids[s] for s in scenes], minutes


rows = [chapter() for _ in range(1400)]
x = torch.tensor([r for r, _ in rows])
y = torch.tensor([m for _, m in rows])
y = (y - y[:1100].mean()) / y[:1100].std()


class ReadingTime(nn.Module):
    def __init__(self):
        super().__init__()
        self.scene = nn.Embedding(len(SCENES), 8)
        # fault:
        self.gru = nn.GRU(8, 24)
        # mended:
        # self.gru = nn.GRU(8, 24, batch_first=True)
        # end
        self.out = nn.Linear(24, 1)

    def forward(self, x):
        states, _ = self.gru(self.scene(x))
        return self.out(states).squeeze(-1).sum(dim=1)


net = ReadingTime()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 9)
train, dev = TensorDataset(x[:1100], y[:1100]), TensorDataset(x[1100:], y[1100:])
for epoch in range(9):
    net.train()
    tot = 0.0
    for xb, yb in DataLoader(train, 32, shuffle=True):
        loss = nn.functional.mse_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() * len(yb) / 1100
    sched.step()
    net.eval()
    with torch.no_grad():
        err = sum(((net(xb) - yb) ** 2).sum().item() for xb, yb in DataLoader(dev, 32)) / 300
    print(f"epoch {epoch:2d} train mse {tot:.4f} dev mse {err:.4f}")
