"""Reverse the words of a sentence, LSTM to LSTM."""
import random

import torch
from torch import nn

random.seed(222)
torch.manual_seed(222)
W = "sun moon star cloud wind rain snow fog ice heat".split()
ids = {w: i + 2 for i, w in enumerate(W)}


def batch(n):
    length = random.randint(3, 5)
    x = torch.randint(2, len(W) + 2, (length, n))
    y = torch.cat([torch.zeros(1, n, dtype=torch.long), x.flip(0), torch.ones(1, n, dtype=torch.long)])
    return x, y


class Encoder(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(W) + 2, 24)
        self.lstm = nn.LSTM(24, h)

    def forward(self, x):
        return self.lstm(self.emb(x))[1]


class Decoder(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(W) + 2, 24)
        self.lstm = nn.LSTM(24, h)
        self.fc = nn.Linear(h, len(W) + 2)

    def forward(self, y, state):
        o, state = self.lstm(self.emb(y), state)
        return self.fc(o), state


class Reverser(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, x, y):
        return self.decoder(y, self.encoder(x))[0]


model = Reverser()
# fault:
optimizer = torch.optim.Adam(model.decoder.parameters(), lr=8e-3)
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
# end
for step in range(1, 301):
    x, y = batch(40)
    loss = nn.functional.cross_entropy(model(x, y[:-1]).flatten(0, 1), y[1:].flatten())
    model.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 60 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
right = total = 0
with torch.no_grad():
    for _ in range(6):
        x, y = batch(60)
        state, token = model.encoder(x), y[:1]
        for t in range(1, len(y)):
            logits, state = model.decoder(token, state)
            token = logits.argmax(-1)
            right += (token[0] == y[t]).sum().item()
            total += y.size(1)
print("words right", right / total)
