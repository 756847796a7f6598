"""Echo state network: the recurrent part is random and stays so, a read-out is learned on top."""
import random

import torch
from torch import nn

random.seed(1)
torch.manual_seed(1)
vocab = {w: i for i, w in enumerate("up down left right stay turn go halt".split())}
W_in = nn.Embedding(len(vocab), 200)
W_rec = torch.randn(200, 200)
W_rec *= 0.8 / torch.linalg.eigvals(W_rec).abs().max()
W_in.requires_grad_(False)


def states(x):
    h = torch.zeros(len(x), 200)
    for t in range(x.size(1)):
        h = torch.tanh(W_in(x[:, t]) * 0.4 + h @ W_rec)
    return h


def data(n):
    x = torch.randint(len(vocab), (n, 9))
    return x, x[:, -3]  # the word before the last but one


x, y = data(2500)
xt, yt = data(500)
with torch.no_grad():
    f, ft = states(x), states(xt)
readout = nn.Linear(200, len(vocab))
opt = torch.optim.Adam(readout.parameters(), lr=1e-2, weight_decay=1e-5)
for epoch in range(8):
    for b in torch.randperm(2500).split(50):
        loss = nn.functional.cross_entropy(readout(f[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(readout(ft).argmax(1) == yt).float().mean():.3f}")
