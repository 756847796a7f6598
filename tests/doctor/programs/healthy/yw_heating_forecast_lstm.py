# Predict the boiler load four hours ahead from the last 20 readings.
# Layout is time first (T, N, F) all the way, as nn.LSTM likes it by default.
import math
import torch
from torch import nn

torch.manual_seed(123)


def make_series(n_steps):
    t = torch.arange(n_steps).float()
    outside = 8 * torch.sin(2 * math.pi * t / 24) + 3 * torch.sin(2 * math.pi * t / 61)
    noise = torch.zeros(n_steps)
    for k in range(1, n_steps):
        noise[k] = .8 * noise[k - 1] + .3 * torch.randn(())
    load = 30 - outside + 4 * torch.sin(4 * math.pi * t / 24).clamp(min=0) + noise
    return torch.stack([load, outside], 1)


series = make_series(2200)
cut = 1700
mean, std = series[:cut].mean(0), series[:cut].std(0)
z = (series - mean) / std
WIN, AHEAD = 20, 4


def windows(a):
    xs = a.unfold(0, WIN, 1)                        # (M, F, WIN)
    xs = xs[:len(a) - WIN - AHEAD + 1]
    ys = a[WIN + AHEAD - 1:, 0]
    return xs.permute(2, 0, 1).contiguous(), ys     # (WIN, M, F), (M,)


Xtr, ytr = windows(z[:cut])
Xte, yte = windows(z[cut:])


class Forecaster(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return x[-1, :, 0] + self.head(h[-1]).squeeze(-1)     # learn the change since the last reading


model = Forecaster()
huber = nn.SmoothL1Loss(beta=.5)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, .4)


def mae(x, y):
    with torch.no_grad():
        return ((model(x) - y).abs().mean() * std[0]).item()


naive = ((Xte[-1, :, 0] - yte).abs().mean() * std[0]).item()
print(f"persistence mae {naive:.2f}")
for epoch in range(1, 10):
    total = 0.
    for b in torch.randperm(len(ytr)).split(32):
        loss = huber(model(Xtr[:, b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), .5)
        opt.step()
        total += loss.item() * len(b)
    sched.step()
    print(f"epoch {epoch} huber {total / len(ytr):.4f} mae train {mae(Xtr, ytr):.3f} test {mae(Xte, yte):.3f}")
