"""Probabilistic one-step forecast of household load: lag features + mixture density network (3 Gaussians).

The data is simulated: a daily cycle that differs per household, AR noise and an appliance that switches on for some hours.
Likelihoods are in standardised units, so negative NLLs are good and expected.
"""
import math

import numpy as np
import torch
from torch import nn


def simulate(n_homes, hours, rng):
    t = np.arange(hours)
    phase = rng.uniform(0, 2 * np.pi, (n_homes, 1))
    amp = rng.uniform(0.5, 1.5, (n_homes, 1))
    y = amp * np.sin(2 * np.pi * t / 24 + phase) + 0.4 * amp * np.sin(4 * np.pi * t / 24 + 2 * phase)
    on = np.zeros((n_homes, hours))
    ar = np.zeros((n_homes, hours))
    state = np.zeros(n_homes)
    for k in range(1, hours):
        flip = rng.rand(n_homes)
        state = np.where(state > 0, (flip > 0.25).astype(float), (flip < 0.08).astype(float))
        on[:, k] = state
        ar[:, k] = 0.7 * ar[:, k - 1] + 0.12 * rng.randn(n_homes)
    y = y + 1.8 * on + ar
    clock = np.stack([np.sin(2 * np.pi * t / 24), np.cos(2 * np.pi * t / 24)], -1)
    return y.astype("float32"), np.broadcast_to(clock, (n_homes, hours, 2)).astype("float32").copy()


LAGS = 25           # one day and the current hour


class MDN(nn.Module):
    """p(change of the load in the next hour | last LAGS hours, clock)"""

    def __init__(self, hidden=64, k=3):
        super().__init__()
        self.k = k
        self.net = nn.Sequential(nn.Linear(LAGS + 2, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(),
                                 nn.Linear(hidden, 3 * k))

    def forward(self, window, clock):
        level = window[:, -1:]
        logit, mu, raw = self.net(torch.cat([window[:, :-1] - level, level, clock], -1)).split(self.k, -1)
        return logit.log_softmax(-1), mu, raw.clamp(-6, 3)

    def log_prob(self, window, clock, target):
        logw, mu, logs = self(window, clock)
        z = (target[:, None] - mu) / logs.exp()
        return torch.logsumexp(logw - 0.5 * z ** 2 - logs - 0.5 * math.log(2 * math.pi), -1)

    def expectation(self, window, clock):
        logw, mu, _ = self(window, clock)
        return (logw.exp() * mu).sum(-1)


def table(y, clock):
    w = y[:, :-1].unfold(1, LAGS, 1).reshape(-1, LAGS)
    change = (y[:, LAGS:] - y[:, LAGS - 1:-1]).reshape(-1)
    return w, clock[:, LAGS - 1:-1].reshape(-1, 2), change


def main():
    torch.manual_seed(5)
    rng = np.random.RandomState(5)
    y, c = simulate(360, 96, rng)
    y, c = torch.from_numpy(y), torch.from_numpy(c)
    y = (y - y[:290].mean()) / y[:290].std()
    tr, te = table(y[:290], c[:290]), table(y[290:], c[290:])       # other households
    print("training hours", len(tr[0]), "test hours", len(te[0]))

    model = MDN()
    epochs, bs = 6, 200
    opt = torch.optim.Adam(model.parameters(), lr=6e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * math.ceil(len(tr[0]) / bs))
    for epoch in range(epochs):
        losses = []
        for idx in torch.randperm(len(tr[0])).split(bs):
            loss = -model.log_prob(*(t[idx] for t in tr)).mean()
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            opt.step()
            sched.step()
            losses.append(loss.item())
        with torch.no_grad():
            a, b = -model.log_prob(*tr).mean().item(), -model.log_prob(*te).mean().item()
        print(f"epoch {epoch + 1}  batch mean {np.mean(losses):+.3f}   NLL train {a:+.3f}  test {b:+.3f}")
    naive = 0.5 * math.log(2 * math.pi * math.e * te[2].var().item())
    print(f"Gaussian random walk: {naive:+.3f}")
    with torch.no_grad():
        err = (te[2] - model.expectation(te[0], te[1])).abs().mean()
    print(f"MAE of the mixture mean {err.item():.3f}, of persistence {te[2].abs().mean().item():.3f}")


main()
