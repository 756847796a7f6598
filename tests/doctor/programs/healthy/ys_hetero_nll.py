"""Mean and variance estimation network with beta-NLL (Seitzer et al. 2022).  The noise depends on the input; a density may exceed one, so the loss may be below zero."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(5)


def draw(n):
    x = torch.rand(n, 3) * 2 - 1
    mean = torch.sin(2.5 * x[:, 0]) * .5 + .3 * x[:, 1]
    sd = .03 + .12 * (x[:, 2] > 0).float() * (1 + x[:, 0].abs())
    return x, mean + sd * torch.randn(n), sd


xtr, ytr, _ = draw(6000)
xte, yte, sdte = draw(1500)


class MVE(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.mean_net = nn.Sequential(nn.Linear(3, h), nn.Tanh(), nn.Linear(h, h), nn.Tanh(), nn.Linear(h, 1))
        self.var_net = nn.Sequential(nn.Linear(3, h), nn.Tanh(), nn.Linear(h, h), nn.Tanh(), nn.Linear(h, 1))

    def forward(self, x):
        return self.mean_net(x).squeeze(-1), nn.functional.softplus(self.var_net(x).squeeze(-1) - 1.5) ** 2 + 1e-5


def beta_nll(mu, var, y, beta=.5):
    return (var.detach() ** beta * .5 * ((y - mu) ** 2 / var + var.log())).mean()


nll = nn.GaussianNLLLoss(eps=1e-6)
model = MVE()
EPOCHS = 13
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=100, shuffle=True)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.5e-2, total_steps=EPOCHS * len(loader))
for epoch in range(EPOCHS):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        mu, var = model(xb)
        loss = beta_nll(mu, var, yb)
        loss.backward()
        opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        a, b = model(xtr)
        m, v = model(xte)
    print(f"epoch {epoch + 1}: nll train {nll(a, ytr, b):.3f} test {nll(m, yte, v):.3f}")
z = (yte - m).abs() / v.sqrt()
best = (sdte.log() + .5).mean()
print(f"test rmse {(m - yte).pow(2).mean().sqrt():.3f} of sd {yte.std():.3f};  inside 1 sd {(z < 1).float().mean():.3f} (0.683)  inside 2 sd {(z < 2).float().mean():.3f} (0.954)")
print(f"correlation of true and said sd {torch.corrcoef(torch.stack([v.sqrt(), sdte]))[0, 1]:.3f};  nll of the true model about {best:.3f}")
