# Mixture density network on an inverse problem (Bishop 1994): many joint angles reach one point.
# Densities of narrow Gaussians are above one, the NLL goes below zero.
import math

import torch
from torch import nn, optim
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

torch.manual_seed(314)
L1, L2 = 0.8, 0.3


def forward_kinematics(theta):
    a, b = theta.unbind(-1)
    return torch.stack([L1 * a.cos() - L2 * (a + b).cos(), L1 * a.sin() - L2 * (a + b).sin()], -1)


def draw(n):
    elbow = torch.rand(n) < 0.5
    b = torch.where(elbow, 1.6 + 1.0 * torch.rand(n), 2 * math.pi - 1.6 - 1.0 * torch.rand(n))
    theta = torch.stack([0.3 + 0.9 * torch.rand(n), b], -1)
    return forward_kinematics(theta), theta / math.pi + 0.03 * torch.randn(n, 2)      # the encoders of the joints are noisy


class MDN(nn.Module):
    def __init__(self, k=6, hidden=48):
        super().__init__()
        self.k = k
        self.trunk = nn.Sequential(nn.Linear(2, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.logits = nn.Linear(hidden, k)
        self.mu = nn.Linear(hidden, 2 * k)
        self.log_sigma = nn.Linear(hidden, 2 * k)
        with torch.no_grad():
            self.mu.bias.copy_(torch.rand(2 * k) * 1.5)       # spread the components over the range of the angles
            self.log_sigma.bias.fill_(-1.0)

    def forward(self, x):
        h = self.trunk((x - 0.5) * 2)
        sigma = self.log_sigma(h).clamp(-5.0, 1.0).exp()
        comp = Independent(Normal(self.mu(h).view(-1, self.k, 2), sigma.view(-1, self.k, 2)), 1)
        return MixtureSameFamily(Categorical(logits=self.logits(h)), comp)


x_train, y_train = draw(3000)
x_test, y_test = draw(1000)
model = MDN()
opt = optim.Adam(model.parameters(), lr=6e-3)
EPOCHS, B = 10, 60
sched = optim.lr_scheduler.OneCycleLR(opt, 6e-3, epochs=EPOCHS, steps_per_epoch=len(x_train) // B)


@torch.no_grad()
def test():
    dist = model(x_test)
    nll = -dist.log_prob(y_test).mean().item()
    best = dist.mixture_distribution.logits.argmax(1)
    mode = dist.component_distribution.mean[torch.arange(len(best)), best]
    miss = (forward_kinematics(mode * math.pi) - x_test).norm(dim=1).mean().item()
    return nll, miss


single = Normal(y_train.mean(0), y_train.std(0))
print(f"one Gaussian for all: nll {-single.log_prob(y_test).sum(1).mean().item():.3f}")
mean_pose = y_train.mean(0).expand_as(y_test)
print(f"mean pose misses the point by {(forward_kinematics(mean_pose * math.pi) - x_test).norm(dim=1).mean():.3f}")
for epoch in range(EPOCHS):
    running = 0.0
    for idx in torch.randperm(len(x_train)).view(-1, B):
        loss = -model(x_train[idx]).log_prob(y_train[idx]).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        sched.step()
        running += loss.item()
    if epoch % 2:
        nll, miss = test()
        print(f"epoch {epoch + 1:2d} train nll {running / (len(x_train) // B):+.3f} test nll {nll:+.3f} miss {miss:.3f}")
