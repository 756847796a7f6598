"""How long does a reader need for a headline, and how sure are we?  Mean and spread are both predicted.

Gaussian negative log-likelihood; the targets are in seconds and small, so the loss is soon below zero.
"""
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

gen = torch.Generator().manual_seed(41)
torch.manual_seed(41)

VOCAB, LENGTH, ROWS = 90, 8, 3000
difficulty = 0.02 + 0.10 * torch.rand(VOCAB, generator=gen)
restless = torch.rand(VOCAB, generator=gen) < 0.3              # words that readers disagree about

words = torch.randint(0, VOCAB, (ROWS, LENGTH), generator=gen)
mean = difficulty[words].sum(1)
std = 0.01 + 0.012 * restless[words].float().sum(1)
seconds = mean + std * torch.randn(ROWS, generator=gen)
train_set, dev_set = random_split(TensorDataset(words, seconds), [2400, 600], generator=gen)


class MeanAndSpread(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(VOCAB, 2)                    # one score per word for each of the two heads
        nn.init.normal_(self.table.weight, std=0.01)
        self.shift = nn.Parameter(torch.tensor([0.5, -1.5]))

    def forward(self, w):
        mu, log_sigma = (self.table(w).sum(dim=1) + self.shift).unbind(dim=1)
        return mu, log_sigma.clamp(min=-6.0)


def nll(mu, log_sigma, target):
    return (0.5 * ((target - mu) / log_sigma.exp()) ** 2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


net = MeanAndSpread()
epochs = 14
loader = DataLoader(train_set, batch_size=60, shuffle=True)
optimizer = torch.optim.Adam(net.parameters(), lr=0.015)
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 10], gamma=0.2)


@torch.no_grad()
def report(subset):
    w, t = subset.dataset.tensors
    w, t = w[subset.indices], t[subset.indices]
    mu, log_sigma = net(w)
    r2 = 1 - (t - mu).pow(2).sum() / (t - t.mean()).pow(2).sum()
    inside = ((t - mu).abs() < 1.96 * log_sigma.exp()).float().mean()
    return f"nll {nll(mu, log_sigma, t):+.3f} r2 {r2:.3f} coverage95 {inside:.3f}"


for epoch in range(1, epochs + 1):
    running = 0.0
    for w, t in loader:
        optimizer.zero_grad()
        loss = nll(*net(w), t)
        loss.backward()
        optimizer.step()
        running += loss.item()
    schedule.step()
    if epoch % 2 == 0:
        print(f"epoch {epoch}: loss {running / len(loader):+.3f} | train {report(train_set)} | dev {report(dev_set)}")
