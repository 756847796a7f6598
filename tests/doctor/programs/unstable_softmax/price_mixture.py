"""Mixture density network: a flat's rent from its advertisement (some are shared, some not, so two prices fit the same text)."""
import math

import torch
from torch import nn

torch.manual_seed(40)
K, V, L = 3, 60, 12
value = torch.randint(-120, 121, (V,)).float()


def adverts(n):
    words = torch.randint(0, V, (n, L))
    rent = 900 + value[words].sum(1)
    shared = torch.rand(n) < 0.3
    return words, torch.where(shared, rent * 0.4, rent) + 15 * torch.randn(n)


class MDN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(V, 16, mode="mean")
        self.hid = nn.Sequential(nn.Linear(16, 32), nn.Tanh())
        self.pi, self.mu, self.sigma = nn.Linear(32, K), nn.Linear(32, K), nn.Linear(32, K)
        with torch.no_grad():
            self.mu.bias.copy_(torch.tensor([3.0, 6.0, 9.0]))

    def forward(self, x):
        h = self.hid(self.emb(x))
        return self.pi(h).log_softmax(1), 100 * self.mu(h), 20 * nn.functional.softplus(self.sigma(h)) + 1.0


def nll(log_pi, mu, sigma, y):
    z = (y.unsqueeze(1) - mu) / sigma
    log_n = -0.5 * z**2 - sigma.log() - 0.5 * math.log(2 * math.pi)
    # fault:
    return -torch.log((log_pi.exp() * log_n.exp()).sum(1)).mean()
    # mended:
    # return -torch.logsumexp(log_pi + log_n, 1).mean()
    # end


train_x, train_y = adverts(3000)
test_x, test_y = adverts(500)
net = MDN()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12 * 47)
for epoch in range(12):
    for i in torch.randperm(len(train_x)).split(64):
        loss = nll(*net(train_x[i]), train_y[i])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        sched.step()
    with torch.no_grad():
        log_pi, mu, sigma = net(test_x)
        near = (mu - test_y.unsqueeze(1)).abs().amin(1)
        print(f"epoch {epoch}: nll {loss.item():.4f}, test nll {nll(log_pi, mu, sigma, test_y).item():.4f}, distance to nearest mode {near.mean().item():.1f}")
