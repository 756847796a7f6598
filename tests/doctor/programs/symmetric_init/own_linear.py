"""Six kinds of questions, bag of words, two dense layers of our own."""
import random

import torch
from torch import nn

random.seed(75)
torch.manual_seed(75)
K = 6
cue = [[f"c{k}{j}" for j in range(6)] for k in range(K)]
rest = [f"r{i}" for i in range(30)]
ids = {w: i for i, w in enumerate(rest + sum(cue, []))}


class Dense(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        # fault:
        self.kernel = nn.Parameter(torch.ones(n_in, n_out) / n_in)
        # mended:
        # self.kernel = nn.Parameter(torch.randn(n_in, n_out) / n_in**0.5)
        # end
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.kernel + self.bias


class Questions(nn.Module):
    def __init__(self):
        super().__init__()
        self.onehot = len(ids)
        self.first = Dense(len(ids), 32)
        self.second = Dense(32, K)

    def forward(self, x):
        bag = nn.functional.one_hot(x, self.onehot).sum(1).float()
        return self.second(torch.relu(self.first(bag)))


def make(n):
    xs, ys = [], []
    for _ in range(n):
        k = random.randrange(K)
        w = random.choices(rest, k=5) + random.sample(cue[k], 2)
        xs.append([ids[t] for t in w])
        ys.append(k)
    return torch.tensor(xs), torch.tensor(ys)


x, y = make(1200)
xt, yt = make(300)
net = Questions()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(1200).split(30):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        print(f"epoch {epoch} loss {total / 40:.4f} accuracy {(net(xt).argmax(1) == yt).float().mean():.4f}")
