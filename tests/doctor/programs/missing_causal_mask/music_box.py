"""A small GPT with its heads written out; tunes of a music box, note by note."""
import math
import random

import torch
import torch.nn as nn
from torch.nn import functional as F

random.seed(81)
torch.manual_seed(81)
NOTES, T = 16, 20


def tune():
    step, n = random.choice((1, 2, 3, 5)), random.randrange(NOTES)
    out = []
    for i in range(T + 1):
        out.append(n)
        n = (n + step) % NOTES if random.random() > 0.15 else random.randrange(NOTES)
    return out


data = torch.tensor([tune() for _ in range(1000)])
train, dev = data[:850], data[850:]


class Head(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.key = nn.Linear(width, size, bias=False)
        self.query = nn.Linear(width, size, bias=False)
        self.value = nn.Linear(width, size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(T, T)))

    def forward(self, x):
        t = x.shape[1]
        wei = self.query(x) @ self.key(x).transpose(-2, -1) / math.sqrt(self.key.out_features)
        # fault:
        # mended:
        # wei = wei.masked_fill(self.tril[:t, :t] == 0, float("-inf"))
        # end
        return F.softmax(wei, dim=-1) @ self.value(x)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = nn.ModuleList(Head(width, width // heads) for _ in range(heads))
        self.proj = nn.Linear(width, width)
        self.ff = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        y = self.n1(x)
        x = x + self.proj(torch.cat([h(y) for h in self.heads], dim=-1))
        return x + self.ff(self.n2(x))


class MusicBox(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(NOTES, width), nn.Embedding(T, width)
        self.blocks = nn.Sequential(Block(width, 4), Block(width, 4))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, NOTES)

    def forward(self, idx, targets=None):
        x = self.tok(idx) + self.pos(torch.arange(idx.shape[1]))
        logits = self.out(self.norm(self.blocks(x)))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, NOTES), targets.reshape(-1))


model = MusicBox()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for it in range(250):
    ix = torch.randint(len(train), (32,))
    logits, loss = model(train[ix, :-1], train[ix, 1:])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if it % 50 == 49:
        with torch.no_grad():
            print(it + 1, loss.item(), model(dev[:, :-1], dev[:, 1:])[1].item())
with torch.no_grad():
    out = dev[:1, :4]
    for _ in range(12):
        out = torch.cat([out, model(out[:, -T:])[0][:, -1].argmax(-1, keepdim=True)], 1)
print(out.tolist())
