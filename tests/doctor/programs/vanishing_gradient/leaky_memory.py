"""The order number opens the call, forty filler words follow, then the route is asked for. A minimal gated unit of our own."""
import random

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
CODES, FILL, T = 16, 40, 40


class MinimalGatedRNN(nn.Module):
    def __init__(self, d_in, d):
        super().__init__()
        self.x2z = nn.Linear(d_in, d)
        self.gate = nn.Linear(d_in, d)
        # fault:
        nn.init.zeros_(self.gate.bias)
        # mended:
        # nn.init.constant_(self.gate.bias, 4.0)
        # end
        self.d = d

    def forward(self, x):
        c = x.new_zeros(x.size(0), self.d)
        for t in range(x.size(1)):
            f = torch.sigmoid(self.gate(x[:, t]))
            c = f * c + (1 - f) * torch.tanh(self.x2z(x[:, t]))
        return c


class Call(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(CODES + FILL, 24)
        self.words.weight.data.mul_(0.5)
        self.rnn = MinimalGatedRNN(24, 48)
        self.route = nn.Linear(48, 4)

    def forward(self, x):
        return self.route(self.rnn(self.words(x)))


def calls(n):
    code = torch.randint(0, CODES, (n, 1))
    return torch.cat([code, torch.randint(CODES, CODES + FILL, (n, T))], 1), code[:, 0] % 4


x, y = calls(1600)
xv, yv = calls(300)
model = Call()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(7):
    for i in torch.randperm(len(x)).split(40):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} valid acc {(model(xv).argmax(1) == yv).float().mean().item():.4f}")
