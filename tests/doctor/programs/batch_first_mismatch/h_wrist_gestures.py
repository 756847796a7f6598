# Gesture recognition from a wrist band (simulated three axis accelerometer, 50 samples per window)
import math
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(123)
GESTURES = ["circle_cw", "circle_ccw", "shake", "lift"]
T = 50


def record(kind, n):
    t = torch.linspace(0, 1, T).repeat(n, 1)
    phase = 2 * math.pi * torch.rand(n, 1)
    speed = 2 * math.pi * (1.5 + torch.rand(n, 1))
    gain = 0.7 + 0.6 * torch.rand(n, 1)
    x = torch.cos(speed * t + phase)
    if kind == "circle_cw":
        y, z = torch.sin(speed * t + phase), 0 * t
    elif kind == "circle_ccw":
        y, z = -torch.sin(speed * t + phase), 0 * t
    elif kind == "shake":
        x, y, z = torch.cos(3 * speed * t + phase), 0 * t, 0 * t
    else:
        start = 0.1 + 0.6 * torch.rand(n, 1)
        z = torch.exp(-((t - start) / 0.12) ** 2) - torch.exp(-((t - start - 0.2) / 0.12) ** 2)
        x, y = 0.2 * x, 0 * t
    return gain.unsqueeze(-1) * torch.stack([x, y, z], -1) + 0.25 * torch.randn(n, T, 3)


def build(per_class):
    xs = torch.cat([record(g, per_class) for g in GESTURES])
    ys = torch.arange(len(GESTURES)).repeat_interleave(per_class)
    return TensorDataset(xs, ys)


class GestureNet(nn.Module):
    def __init__(self, channels=3, hidden=40, classes=len(GESTURES)):
        super().__init__()
        self.inp = nn.Linear(channels, 24)
        # fault:
        self.rnn = nn.LSTM(24, hidden)
        # mended:
        # self.rnn = nn.LSTM(24, hidden, batch_first=True)
        # end
        self.fc = nn.Linear(hidden, classes)

    def forward(self, window):
        feats = torch.tanh(self.inp(window))
        out, _ = self.rnn(feats)
        return self.fc(out[:, -1])


def run_epoch(net, loader, criterion, optimizer=None):
    net.train(optimizer is not None)
    loss_sum = correct = count = 0
    with torch.set_grad_enabled(optimizer is not None):
        for xb, yb in loader:
            scores = net(xb)
            loss = criterion(scores, yb)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
            loss_sum += loss.item() * len(yb)
            correct += (scores.argmax(1) == yb).sum().item()
            count += len(yb)
    return loss_sum / count, correct / count


train_dl = DataLoader(build(280), batch_size=28, shuffle=True)
valid_dl = DataLoader(build(100), batch_size=80)
net = GestureNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
n_epochs = 5
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_epochs)
for epoch in range(1, n_epochs + 1):
    tl, ta = run_epoch(net, train_dl, criterion, optimizer)
    vl, va = run_epoch(net, valid_dl, criterion)
    scheduler.step()
    print("Epoch %d | train loss %.3f acc %.3f | valid loss %.3f acc %.3f" % (epoch, tl, ta, vl, va))
