"""Next-day forecast of meals sold in twelve canteens; LSTM over four weeks, time first, teacher: the following day at each step."""
import numpy as np
import torch

np.random.seed(66)
torch.manual_seed(66)
DAYS, SHOPS = 560, 12
t = np.arange(DAYS)[:, None]
week = np.random.uniform(-1, 1, (7, SHOPS))
series = (50 + np.random.uniform(-15, 15, SHOPS) + 12 * week[np.arange(DAYS) % 7]
          + 8 * np.sin(2 * np.pi * t / 91 + np.random.uniform(0, 6, SHOPS)))
ar = np.zeros((DAYS, SHOPS))
for d in range(1, DAYS):
    ar[d] = .7 * ar[d - 1] + np.random.normal(0, 1.2, SHOPS)
series = (series + ar).astype(np.float32)

split = 440
mean, std = series[:split].mean(0), series[:split].std(0)
z = torch.tensor((series - mean) / std)
dow = torch.nn.functional.one_hot(torch.arange(DAYS) % 7, 7).float()
WIN = 28


def make(lo, hi):
    """inputs (WIN, N, 8): value of a day, weekday of the next; target (WIN, N)"""
    xs, ys = [], []
    for s in range(lo, hi - WIN, 3):
        day = dow[s + 1:s + WIN + 1, None].expand(-1, SHOPS, -1)
        xs.append(torch.cat([z[s:s + WIN, :, None], day], -1))
        ys.append(z[s + 1:s + WIN + 1])
    return torch.cat(xs, 1), torch.cat(ys, 1)


train_x, train_y = make(0, split)
test_x, test_y = make(split, DAYS)
print('train', tuple(train_x.shape), 'test', tuple(test_x.shape))


class Forecaster(torch.nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.lstm = torch.nn.LSTM(8, hidden)
        self.out = torch.nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.out(h).squeeze(-1)


def last_day_mae(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x)[-1] - y[-1]).abs().mean().item()


net = Forecaster()
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, .72)
mse = torch.nn.MSELoss()
print('same as yesterday: mae %.3f' % (test_x[-1, :, 0] - test_y[-1]).abs().mean())
for epoch in range(9):
    net.train()
    losses = []
    for cols in torch.randperm(train_x.shape[1]).split(20):
        pred = net(train_x[:, cols])
        loss = mse(pred[7:], train_y[7:, cols])        # the first week is warm-up
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), .5)
        opt.step()
        losses.append(loss.item())
    decay.step()
    print('epoch %d mse %.4f  test mae %.3f' % (epoch, np.mean(losses), last_day_mae(net, test_x, test_y)))
print('train mae %.3f test mae %.3f' % (last_day_mae(net, train_x, train_y), last_day_mae(net, test_x, test_y)))
