"""RealNVP with four affine couplings on a small-scale two-moons density.
Densities above one are normal here, so the NLL in nats is negative."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_moons


class Coupling(nn.Module):
    def __init__(self, flip, width=48):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, width), nn.LeakyReLU(0.1), nn.Linear(width, width), nn.LeakyReLU(0.1), nn.Linear(width, 2))
        nn.init.zeros_(self.net[-1].weight)      # start at the identity
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = 2 * torch.tanh(s / 2)
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, mean, std, depth=4):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.steps = nn.ModuleList(Coupling(i % 2 == 1) for i in range(depth))
        self.base = torch.distributions.Normal(0.0, 1.0)

    def log_prob(self, x):
        z = (x - self.mean) / self.std
        ld = -self.std.log().sum().expand(len(x))
        for s in self.steps:
            z, d = s(z)
            ld = ld + d
        return self.base.log_prob(z).sum(1) + ld


def main():
    torch.manual_seed(0)
    pts, _ = make_moons(5000, noise=0.08, random_state=0)
    pts = torch.tensor(pts * 0.1, dtype=torch.float32)
    train, valid = pts[:4000], pts[4000:]
    cov = torch.from_numpy(np.cov(train.T.numpy())).float()
    gauss = torch.distributions.MultivariateNormal(train.mean(0), cov)
    print(f"full-covariance gaussian: valid NLL {-gauss.log_prob(valid).mean():.3f}")
    flow = Flow(train.mean(0), train.std(0))
    opt = torch.optim.Adam(flow.parameters(), lr=5e-3)
    epochs = 14
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=epochs * 40)
    for ep in range(epochs):
        run = 0.0
        for idx in torch.randperm(len(train)).split(100):
            nll = -flow.log_prob(train[idx]).mean()
            opt.zero_grad()
            nll.backward()
            nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
            opt.step(); sched.step()
            run += nll.item() * len(idx)
        if ep % 2 == 1:
            with torch.no_grad():
                print(f"epoch {ep + 1}: train NLL {run / len(train):.3f}  valid NLL {-flow.log_prob(valid).mean():.3f}")


if __name__ == "__main__":
    main()
