"""Spam or not on short messages; convolution over words."""
import random

import torch
from torch import nn

random.seed(36)
torch.manual_seed(36)
SPAM = "win free cash prize call now offer cheap loan bonus".split()
HAM = "home dinner mum late bus meeting sleep class movie tonight".split()
BOTH = "you the to a i u for is me ok and will we at your".split()
index = {w: i + 1 for i, w in enumerate(SPAM + HAM + BOTH)}


def message():
    y = random.randint(0, 1)
    words = random.choices(BOTH, k=random.randint(5, 9))
    words += random.choices([HAM, SPAM][y], k=2) + random.choices([HAM, SPAM][1 - y], k=1)
    random.shuffle(words)
    return words, y


def build(n):
    x, y = torch.zeros(n, 12, dtype=torch.long), torch.zeros(n, dtype=torch.long)
    for i in range(n):
        words, y[i] = message()
        x[i, : len(words)] = torch.tensor([index[w] for w in words])
    return x, y


class WordConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(index) + 1, 20, padding_idx=0)
        self.conv = nn.Conv1d(20, 40, 1)
        self.fc = nn.Linear(40, 2)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h * (x != 0).unsqueeze(1)
        return self.fc(h.sum(2) / (x != 0).sum(1, keepdim=True))


x, y = build(2000)
xd, yd = build(400)
net = WordConv()
sgd = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.5)
for epoch in range(12):
    total = 0.0
    for idx in torch.randperm(2000).split(40):
        # fault:
        # mended:
        # sgd.zero_grad()
        # end
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        loss.backward()
        sgd.step()
        total += loss.item()
    with torch.no_grad():
        acc = (net(xd).argmax(1) == yd).float().mean().item()
    if epoch % 2:
        print(f"epoch {epoch + 1}: loss {total / 50:.4f}, dev accuracy {acc:.4f}")
