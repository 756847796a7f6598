# Deep Sets (Zaheer et al. 2017), the "sum of digits" experiment without images: sets of symbols, target is their sum.
# rho(sum phi(x)); trained on sets of up to 6 symbols, tested on new sets of the same and of larger size.
import torch
import torch.nn as nn

torch.manual_seed(52)
N_TRAIN, MAXLEN = 5000, 6


def make_sets(n, lo, hi):
    size = torch.randint(lo, hi + 1, (n,))
    digits = torch.randint(0, 10, (n, hi))
    mask = torch.arange(hi) < size.unsqueeze(1)
    return digits, mask.float(), (digits * mask).sum(1).float()


class DeepSet(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.symbol = nn.Embedding(10, dim)
        self.phi = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, 16))
        self.rho = nn.Linear(16, 1)

    def forward(self, d, m):
        h = self.phi(self.symbol(d)) * m.unsqueeze(-1)
        return self.rho(h.sum(1)).squeeze(-1)


train = make_sets(N_TRAIN, 1, MAXLEN)
test = make_sets(1000, 1, MAXLEN)
longer = make_sets(1000, 8, 10)
y_mean, y_std = train[2].mean(), train[2].std()

model = DeepSet()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=1e-6)
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
# end
criterion = nn.MSELoss()
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [5, 7], gamma=.2)


@torch.no_grad()
def mae(split):
    d, m, y = split
    pred = model(d, m) * y_std + y_mean
    return (pred - y).abs().mean().item(), ((pred.round() == y).float().mean().item())


print("predicting the mean: MAE %.2f" % (test[2] - y_mean).abs().mean())
for epoch in range(1, 9):
    running = 0.0
    perm = torch.randperm(N_TRAIN)
    for start in range(0, N_TRAIN, 50):
        idx = perm[start:start + 50]
        d, m, y = (t[idx] for t in train)
        loss = criterion(model(d, m), (y - y_mean) / y_std)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step()
    print("epoch %d  mse %.4f  train MAE %.3f  test MAE %.3f  exact %.3f" % (epoch, running / 100, mae(train)[0], *mae(test)))
print("longer sets MAE %.3f" % mae(longer)[0])
