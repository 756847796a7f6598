"""Elman network that follows the mood of a diary entry, with a predicted variance (Kendall & Gal 2017, eq. 8).

mood_t = 0.7 * mood_{t-1} + valence(word_t); the entry is rated by the mood that it ends in.
"""
import argparse

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

ap = argparse.ArgumentParser()
ap.add_argument("--vocab", type=int, default=60)
ap.add_argument("--hidden", type=int, default=32)
ap.add_argument("--epochs", type=int, default=8)
ap.add_argument("--lr", type=float, default=4e-3)
ap.add_argument("--seed", type=int, default=0)
args = ap.parse_args()
torch.manual_seed(args.seed)
rs = np.random.RandomState(args.seed)

valence = rs.uniform(-1, 1, args.vocab + 1) * 0.6


def entries(n):
    xs, ys, ns = [], [], []
    for _ in range(n):
        length = min(4 + rs.geometric(0.12), 35)
        words = rs.randint(1, args.vocab + 1, length)
        mood = 0.0
        for w in words:
            mood = 0.7 * mood + valence[w]
        xs.append(torch.from_numpy(words).long())
        ys.append(mood + 0.1 * rs.randn())
        ns.append(length)
    return pad_sequence(xs, batch_first=True), torch.tensor(ys, dtype=torch.float32), torch.tensor(ns)


class Elman(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(args.vocab + 1, 16, padding_idx=0)
        self.rnn = nn.RNN(16, args.hidden, batch_first=True)
        self.mu = nn.Linear(args.hidden, 1)
        self.log_var = nn.Linear(args.hidden, 1)

    def forward(self, tokens, lengths):
        states, _ = self.rnn(self.embed(tokens))
        # fault:
        h = states[:, -1]
        # mended:
        # h = states[torch.arange(tokens.size(0)), lengths - 1]
        # end
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1)


def nll(mu, log_var, y):
    return (0.5 * torch.exp(-log_var) * (y - mu) ** 2 + 0.5 * log_var).mean()


train_x, train_y, train_n = entries(2500)
valid_x, valid_y, valid_n = entries(500)
model = Elman()
optim = torch.optim.Adam(model.parameters(), lr=args.lr)
sched = torch.optim.lr_scheduler.OneCycleLR(optim, args.lr, total_steps=args.epochs * 36)

for ep in range(args.epochs):
    model.train()
    losses = []
    for b in torch.randperm(2500).chunk(36):
        mu, lv = model(train_x[b], train_n[b])
        loss = nll(mu, lv, train_y[b])
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        sched.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        mu, lv = model(valid_x, valid_n)
        v = nll(mu, lv, valid_y).item()
        r2 = 1 - ((mu - valid_y) ** 2).mean() / valid_y.var()
        sigma = (0.5 * lv).exp().mean()
    print(f"epoch {ep + 1:2d} train nll {np.mean(losses):.3f} valid nll {v:.3f} R2 {r2:.3f} mean sigma {sigma:.3f}")
