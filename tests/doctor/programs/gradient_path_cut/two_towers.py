"""Two towers: the summary of the question is wrapped as a parameter so that 'the next layer can train on it'."""
import random

import torch
from torch import nn

random.seed(65)
torch.manual_seed(65)
K, PER, FILL = 6, 8, 40
V = K * PER + FILL


def sentence(k):
    return [random.randrange(k * PER, k * PER + PER) for _ in range(2)] + [random.randrange(K * PER, V) for _ in range(4)]


def pair():
    a, b = random.randrange(K), random.randrange(K)
    if random.random() < 0.5:
        b = a
    return sentence(a), sentence(b), int(a == b)


data = [pair() for _ in range(2400)]
A, B, Y = (torch.tensor(c) for c in zip(*data))


class Towers(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 24)
        self.rnn = nn.GRU(24, 24, batch_first=True)
        self.head = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 2))

    def encode(self, x):
        h = self.rnn(self.emb(x))[1][-1]
        # fault:
        return nn.Parameter(h)
        # mended:
        # return h
        # end

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.head(torch.cat([(u - v).abs(), u * v], 1))


model = Towers()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(8):
    for i in torch.randperm(2000).split(40):
        loss = nn.functional.cross_entropy(model(A[i], B[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, round(loss.item(), 4), (model(A[2000:], B[2000:]).argmax(1) == Y[2000:]).float().mean().item())
